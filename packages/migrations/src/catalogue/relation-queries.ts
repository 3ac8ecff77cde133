import type { Grant } from './program-object.ts'

/** Schemas that were asked for ($1), or all but the server's own and that of Aquifer. */
export const SELECTED: string = `(case when $1::text[] is null
  then n.nspname !~ '^pg_' and n.nspname not in ('information_schema', 'aquifer')
  else n.nspname = any ($1::text[]) end)`

/** The name of a collation where a value does not have that of its type. */
export function collationOf(value: string, type: string): string {
  return `(select quote_ident(ln.nspname) || '.' || quote_ident(l.collname) from pg_collation l
    join pg_namespace ln on ln.oid = l.collnamespace where l.oid = ${value} and ${value} <> ${type})`
}

/** What is said of an object. */
export function commentOn(catalog: string, oid: string, column = '0'): string {
  return `(select d.description from pg_description d
    where d.objoid = ${oid} and d.classoid = '${catalog}'::regclass and d.objsubid = ${column})`
}

/** What others than the owner may do with an object; null if nobody has said anything. */
export function grantsOf(acl: string, owner: string): string {
  return `case when ${acl} is not null then coalesce((
      select json_agg(json_build_object('grantee', coalesce(gr.rolname, 'public'), 'privilege', lower(g.privilege_type),
        'grantable', g.is_grantable) order by coalesce(gr.rolname, 'public'), g.privilege_type)
      from aclexplode(${acl}) g left join pg_roles gr on gr.oid = g.grantee where g.grantee <> ${owner}), '[]') end`
}

/** A row of `relations`. */
export interface RelationRow {
  readonly oid: string
  readonly rowType: string
  readonly schema: string
  readonly name: string
  readonly kind: 'r' | 'p' | 'v' | 'm' | 'c'
  readonly persistence: 'p' | 'u'
  readonly options: readonly string[]
  readonly accessMethod: string | null
  readonly rowSecurity: boolean
  readonly forceRowSecurity: boolean
  readonly replicaIdentity: 'd' | 'n' | 'f' | 'i'
  readonly replicaIndex: string | null
  readonly partitionKey: string | null
  readonly bound: string | null
  readonly parents: readonly { readonly schema: string; readonly table: string }[]
  readonly populated: boolean
  readonly query: string | null
  readonly grants: readonly Grant[] | null
  readonly comment: string | null
}

/** Tables, views and composite types. */
export const relations: string = `
  select c.oid::text, c.reltype::text as "rowType", n.nspname as schema, c.relname as name, c.relkind as kind,
    c.relpersistence as persistence, coalesce(c.reloptions, '{}') as options,
    (select nullif(am.amname, 'heap') from pg_am am where am.oid = c.relam) as "accessMethod",
    c.relrowsecurity as "rowSecurity", c.relforcerowsecurity as "forceRowSecurity", c.relreplident as "replicaIdentity",
    case when c.relreplident = 'i' then
      (select x.relname from pg_index i join pg_class x on x.oid = i.indexrelid where i.indrelid = c.oid and i.indisreplident)
    end as "replicaIndex",
    case when c.relkind = 'p' then pg_get_partkeydef(c.oid) end as "partitionKey",
    case when c.relispartition then pg_get_expr(c.relpartbound, c.oid) end as bound,
    case when c.relkind in ('r', 'p') then coalesce((
      select json_agg(json_build_object('schema', pn.nspname, 'table', p.relname) order by h.inhseqno)
      from pg_inherits h join pg_class p on p.oid = h.inhparent join pg_namespace pn on pn.oid = p.relnamespace
      where h.inhrelid = c.oid), '[]') end as parents,
    c.relispopulated as populated,
    case when c.relkind in ('v', 'm') then pg_get_viewdef(c.oid) end as query,
    ${grantsOf('c.relacl', 'c.relowner')} as grants,
    ${commentOn('pg_class', 'c.oid')} as comment
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p', 'v', 'm', 'c') and c.relpersistence <> 't' and ${SELECTED}`

/** A row of `columns`. */
export interface ColumnRow {
  readonly relation: string
  readonly number: number
  readonly name: string
  readonly type: string
  readonly notNull: boolean
  readonly identity: '' | 'a' | 'd'
  readonly generated: '' | 's' | 'v'
  readonly expression: string | null
  readonly collation: string | null
  readonly storage: 'p' | 'e' | 'x' | 'm' | null
  readonly usualStorage: 'p' | 'e' | 'x' | 'm'
  readonly compression: string
  readonly inherited: boolean
  readonly comment: string | null
}

/** Columns of tables and views, attributes of composite types. */
export const columns: string = `
  select a.attrelid::text as relation, a.attnum as number, a.attname as name, format_type(a.atttypid, a.atttypmod) as type,
    a.attnotnull as "notNull", a.attidentity as identity, a.attgenerated as generated,
    case when a.atthasdef then (select pg_get_expr(e.adbin, e.adrelid) from pg_attrdef e
      where e.adrelid = a.attrelid and e.adnum = a.attnum) end as expression,
    ${collationOf('a.attcollation', 't.typcollation')} as collation,
    nullif(a.attstorage, t.typstorage) as storage, t.typstorage as "usualStorage", a.attcompression as compression, not a.attislocal as inherited,
    ${commentOn('pg_class', 'a.attrelid', 'a.attnum')} as comment
  from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
    join pg_type t on t.oid = a.atttypid
  where a.attnum > 0 and not a.attisdropped and c.relkind in ('r', 'p', 'v', 'm', 'c') and c.relpersistence <> 't' and ${SELECTED}
  order by a.attrelid, a.attnum`

/** A row of `sequences`. */
export interface SequenceRow {
  readonly oid: string
  readonly schema: string
  readonly name: string
  readonly type: string
  readonly start: string
  readonly increment: string
  readonly min: string
  readonly max: string
  readonly cache: string
  readonly cycle: boolean
  readonly unlogged: boolean
  /** The oid of the table that it belongs to a column of. */
  readonly table: string | null
  readonly column: number | null
  /** It counts for an identity column. */
  readonly internal: boolean | null
  readonly comment: string | null
}

/** Sequences, with the column that each belongs to. */
export const sequences: string = `
  select c.oid::text, n.nspname as schema, c.relname as name, format_type(s.seqtypid, null) as type, s.seqstart::text as start,
    s.seqincrement::text as increment, s.seqmin::text as min, s.seqmax::text as max, s.seqcache::text as cache,
    s.seqcycle as cycle, c.relpersistence = 'u' as unlogged, d.refobjid::text as table, d.refobjsubid as column,
    d.deptype = 'i' as internal, ${commentOn('pg_class', 'c.oid')} as comment
  from pg_sequence s join pg_class c on c.oid = s.seqrelid join pg_namespace n on n.oid = c.relnamespace
    left join pg_depend d on d.classid = 'pg_class'::regclass and d.objid = c.oid and d.objsubid = 0
      and d.refclassid = 'pg_class'::regclass and d.refobjsubid > 0 and d.deptype in ('a', 'i')
  where c.relpersistence <> 't' and ${SELECTED}`
