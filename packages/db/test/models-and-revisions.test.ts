import { ddlOf } from '@aquifer/core/models'
import { createTestDatabase } from '@aquifer/embedded'
import { expect, inject, test } from 'vitest'
import { models, openEngine } from '../src/index.ts'
import { setup } from './setup.ts'

/** Whatever the server knows of the tables in schema public, in its own words, without what depends on the order of creation. */
const EVERYTHING = `
  select 'column' as kind, attrelid::regclass::text || '.' || attname as name,
    concat_ws(' ', format_type(atttypid, atttypmod), case when attnotnull then 'not null' end, pg_get_expr(adbin, adrelid), attidentity, attgenerated) as text
  from pg_attribute left join pg_attrdef on adrelid = attrelid and adnum = attnum
  where attnum > 0 and attrelid in (select oid from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r')
  union all
  select 'constraint', conrelid::regclass || '.' || conname, pg_get_constraintdef(oid) || convalidated
  from pg_constraint where connamespace = 'public'::regnamespace
  union all
  select 'index', indexrelid::regclass::text, pg_get_indexdef(indexrelid)
  from pg_index join pg_class c on c.oid = indrelid where relnamespace = 'public'::regnamespace
  union all
  select 'type', typname::text, typtype::text from pg_type where typnamespace = 'public'::regnamespace and typtype in ('e', 'd')
  order by 1, 2`

test('the models declare exactly what the revisions have made', async () => {
  await using t = await setup()
  await using declared = await createTestDatabase(inject('databaseUrl'))
  await using engine = await openEngine('migrations', { DATABASE_URL: declared.url })
  for (const statement of ddlOf(models)) await engine.pool.query(statement)

  const made = (await engine.pool.query(EVERYTHING)).rows
  expect(made).toEqual((await t.engine.pool.query(EVERYTHING)).rows)
  expect(made.length).toBeGreaterThan(100)
})
