import type { Statement } from '../pool/statement.ts'
import { ownStatement } from './own-statement.ts'

const TEXT = `do $check$
declare
  deferred text;
begin
  set constraints all immediate;
  select string_agg(distinct format('%I.%I', nspname, conname), ', ') into deferred
    from pg_constraint join pg_namespace on pg_namespace.oid = connamespace where condeferred;
  if deferred is not null then execute 'set constraints ' || deferred || ' deferred'; end if;
end
$check$`

/**
 * Checks now what COMMIT would check, and lets the constraints be as they are at the begin of a transaction. Fails with the refusal that COMMIT
 * would have failed with.
 */
export const checkDeferred: Statement = ownStatement(TEXT)
