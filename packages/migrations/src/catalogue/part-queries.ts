import { commentOn, SELECTED } from './relation-queries.ts'

/** A row of `constraints`. */
export interface ConstraintRow {
  readonly oid: string
  /** The oid of its table, or 0. */
  readonly relation: string
  /** The oid of its domain, or 0. */
  readonly domain: string
  readonly index: string
  readonly name: string
  readonly type: 'p' | 'u' | 'c' | 'f' | 'x'
  readonly columns: readonly string[]
  readonly definition: string
  readonly validated: boolean
  readonly deferrable: boolean
  readonly deferred: boolean
  readonly expression: string | null
  readonly period: boolean | null
  readonly options: readonly string[]
  readonly indexValid: boolean | null
  readonly nullsNotDistinct: boolean | null
  readonly include: readonly string[] | null
  readonly foreignSchema: string | null
  readonly foreignTable: string | null
  readonly foreignColumns: readonly string[]
  readonly onDelete: string
  readonly onUpdate: string
  readonly match: string
  readonly comment: string | null
}

/**
 * Constraints of tables and domains. Those that a table has from its parent are left out, since they come with it, and so is
 * NOT NULL, which PostgreSQL 18 counts among them. Columns of later versions are read through JSON, so that one text fits all.
 */
export const constraints: string = `
  select k.oid::text, k.conrelid::text as relation, k.contypid::text as domain, k.conindid::text as index, k.conname as name,
    k.contype as type, ${columnNames('k.conrelid', 'k.conkey')} as columns, pg_get_constraintdef(k.oid) as definition,
    k.convalidated as validated, k.condeferrable as deferrable, k.condeferred as deferred,
    case when k.contype = 'c' then pg_get_expr(k.conbin, k.conrelid) end as expression,
    case when k.contype in ('p', 'u', 'f') then (to_jsonb(k) ->> 'conperiod')::boolean end as period,
    coalesce(x.reloptions, '{}') as options, i.indisvalid as "indexValid",
    (to_jsonb(i) ->> 'indnullsnotdistinct')::boolean as "nullsNotDistinct",
    case when i.indnatts > i.indnkeyatts then ${columnNames('k.conrelid', 'i.indkey[i.indnkeyatts:]::int2[]')} end as include,
    fn.nspname as "foreignSchema", f.relname as "foreignTable", ${columnNames('k.confrelid', 'k.confkey')} as "foreignColumns",
    k.confdeltype as "onDelete", k.confupdtype as "onUpdate", k.confmatchtype as match,
    ${commentOn('pg_constraint', 'k.oid')} as comment
  from pg_constraint k join pg_namespace n on n.oid = k.connamespace
    left join pg_index i on i.indexrelid = k.conindid and k.contype in ('p', 'u', 'x')
    left join pg_class x on x.oid = i.indexrelid
    left join pg_class f on f.oid = k.confrelid left join pg_namespace fn on fn.oid = f.relnamespace
  where k.contype in ('p', 'u', 'c', 'f', 'x') and k.conislocal and k.conparentid = 0 and ${SELECTED}`

function columnNames(relation: string, numbers: string): string {
  return `(select coalesce(json_agg(a.attname order by u.position), '[]') from unnest(${numbers}) with ordinality u(number, position)
      join pg_attribute a on a.attrelid = ${relation} and a.attnum = u.number)`
}

/** A row of `notNulls`. */
export interface NotNullRow {
  readonly relation: string
  readonly column: number
  readonly name: string
}

/** The constraints by which PostgreSQL 18 knows NOT NULL, where their names are not the usual ones. */
export const notNulls: string = `
  select k.conrelid::text as relation, k.conkey[1] as column, k.conname as name
  from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
    join pg_attribute a on a.attrelid = c.oid and a.attnum = k.conkey[1]
  where k.contype = 'n' and k.conislocal and k.conname <> c.relname || '_' || a.attname || '_not_null' and ${SELECTED}`

/** A row of `indexes`. */
export interface IndexRow {
  readonly oid: string
  readonly relation: string
  readonly name: string
  readonly unique: boolean
  readonly method: string
  readonly definition: string
  readonly keys: readonly {
    readonly text: string
    readonly column: boolean
    readonly key: boolean
    readonly descending: boolean
    readonly nullsFirst: boolean
    readonly operatorClass: string | null
    readonly collation: string | null
  }[]
  readonly predicate: string | null
  readonly nullsNotDistinct: boolean | null
  readonly valid: boolean
  readonly clustered: boolean
  readonly comment: string | null
}

/** Indexes that belong to no constraint and to no index of a parent. */
export const indexes: string = `
  select c.oid::text, i.indrelid::text as relation, c.relname as name, i.indisunique as unique, am.amname as method,
    pg_get_indexdef(c.oid) as definition,
    (select json_agg(json_build_object('text', pg_get_indexdef(c.oid, u.position::int, false), 'column', u.number <> 0,
        'key', u.position <= i.indnkeyatts, 'descending', coalesce(u.flags & 1, 0) = 1, 'nullsFirst', coalesce(u.flags & 2, 0) = 2,
        'operatorClass', case when not o.opcdefault then quote_ident(opn.nspname) || '.' || quote_ident(o.opcname) end,
        'collation', case when u.locale <> t.typcollation and l.collname is not null
          then quote_ident(ln.nspname) || '.' || quote_ident(l.collname) end) order by u.position)
      from unnest(i.indkey::int2[], i.indclass::oid[], i.indcollation::oid[], i.indoption::int2[])
        with ordinality u(number, class, locale, flags, position)
      left join pg_opclass o on o.oid = u.class left join pg_namespace opn on opn.oid = o.opcnamespace
      left join pg_collation l on l.oid = u.locale left join pg_namespace ln on ln.oid = l.collnamespace
      left join pg_attribute a on a.attrelid = c.oid and a.attnum = u.position left join pg_type t on t.oid = a.atttypid) as keys,
    pg_get_expr(i.indpred, i.indrelid) as predicate, (to_jsonb(i) ->> 'indnullsnotdistinct')::boolean as "nullsNotDistinct",
    i.indisvalid as valid, i.indisclustered as clustered, ${commentOn('pg_class', 'c.oid')} as comment
  from pg_index i join pg_class c on c.oid = i.indexrelid join pg_namespace n on n.oid = c.relnamespace join pg_am am on am.oid = c.relam
    join pg_class r on r.oid = i.indrelid
  where r.relkind in ('r', 'p', 'm') and r.relpersistence <> 't' and not c.relispartition and ${SELECTED}
    and not exists (select from pg_constraint k where k.conindid = c.oid and k.contype in ('p', 'u', 'x'))`

/** A row of `triggers`. */
export interface TriggerRow {
  readonly oid: string
  readonly relation: string
  readonly name: string
  readonly definition: string
  readonly enabled: 'O' | 'D' | 'R' | 'A'
  readonly comment: string | null
}

/** Triggers that neither a constraint nor the trigger of a parent brought. */
export const triggers: string = `
  select g.oid::text, g.tgrelid::text as relation, g.tgname as name, pg_get_triggerdef(g.oid) as definition, g.tgenabled as enabled,
    ${commentOn('pg_trigger', 'g.oid')} as comment
  from pg_trigger g join pg_class c on c.oid = g.tgrelid join pg_namespace n on n.oid = c.relnamespace
  where not g.tgisinternal and g.tgparentid = 0 and ${SELECTED}`

/** A row of `policies`. */
export interface PolicyRow {
  readonly oid: string
  readonly relation: string
  readonly name: string
  readonly command: '*' | 'r' | 'a' | 'w' | 'd'
  readonly permissive: boolean
  readonly roles: readonly string[]
  readonly using: string | null
  readonly check: string | null
  readonly comment: string | null
}

/** Row level security policies. */
export const policies: string = `
  select p.oid::text, p.polrelid::text as relation, p.polname as name, p.polcmd as command, p.polpermissive as permissive,
    (select json_agg(coalesce(r.rolname, 'public')) from unnest(p.polroles) u(role) left join pg_roles r on r.oid = u.role) as roles,
    pg_get_expr(p.polqual, p.polrelid) as using, pg_get_expr(p.polwithcheck, p.polrelid) as check,
    ${commentOn('pg_policy', 'p.oid')} as comment
  from pg_policy p join pg_class c on c.oid = p.polrelid join pg_namespace n on n.oid = c.relnamespace
  where ${SELECTED}`
