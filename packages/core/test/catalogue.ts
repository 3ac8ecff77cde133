import type { ModelWorld } from './model-world.ts'

type Witness = ModelWorld<Record<string, never>>['witness']

/** What the server's catalogue says of a schema, under the names of its things. */
export interface Catalogue {
  readonly columns: Readonly<Record<string, unknown>>
  readonly constraints: Readonly<Record<string, unknown>>
  readonly indexes: Readonly<Record<string, unknown>>
  readonly comments: readonly string[]
}

/** Reads a schema; every name is `table.name`. */
export async function readCatalogue(witness: Witness, schema: string): Promise<Catalogue> {
  const keyed = async (query: string) => {
    const rows = await witness(query, [schema])
    return Object.fromEntries(rows.map(({ key, ...rest }) => [key, rest]))
  }
  const comments = await witness(COMMENTS, [schema])
  return {
    columns: await keyed(COLUMNS),
    constraints: await keyed(CONSTRAINTS),
    indexes: await keyed(INDEXES),
    comments: comments.map(({ description }) => String(description)),
  }
}

const COLUMNS = `
  select c.relname || '.' || a.attname as key, format_type(a.atttypid, a.atttypmod) as type, not a.attnotnull as nullable,
    case when a.attgenerated = '' then pg_get_expr(d.adbin, d.adrelid) end as "default", a.attidentity as identity,
    a.attgenerated as generated
  from pg_attribute a join pg_class c on c.oid = a.attrelid left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
  where c.relnamespace = $1::regnamespace and c.relkind = 'r' and a.attnum > 0 order by c.relname, a.attnum`

const CONSTRAINTS = `
  select c.relname || '.' || k.conname as key, k.contype as kind, k.convalidated as valid,
    case when k.condeferred then 'initially deferred' when k.condeferrable then 'deferrable' else '' end as deferring,
    (select array_agg(a.attname::text order by n.ord) from unnest(k.conkey) with ordinality n (num, ord)
      join pg_attribute a on a.attrelid = k.conrelid and a.attnum = n.num) as columns,
    t.relname::text as target,
    (select array_agg(a.attname::text order by n.ord) from unnest(k.confkey) with ordinality n (num, ord)
      join pg_attribute a on a.attrelid = k.confrelid and a.attnum = n.num) as "targetColumns",
    nullif(k.confdeltype::text, ' ') as "onDelete", nullif(k.confupdtype::text, ' ') as "onUpdate", nullif(k.confmatchtype::text, ' ') as match,
    (select i.indnullsnotdistinct from pg_index i where i.indexrelid = k.conindid and k.contype = 'u') as "nullsNotDistinct"
  from pg_constraint k join pg_class c on c.oid = k.conrelid left join pg_class t on t.oid = k.confrelid
  where k.connamespace = $1::regnamespace and k.contype <> 'n' order by 1`

const INDEXES = `
  select c.relname || '.' || x.relname as key, i.indisunique as "unique", i.indnullsnotdistinct as "nullsNotDistinct", m.amname::text as method,
    (select array_agg(pg_get_indexdef(i.indexrelid, n, true) || case when not pg_indexam_has_property(m.oid, 'can_order') then ''
        when pg_index_column_has_property(i.indexrelid, n, 'desc') then ' desc' else ' asc' end
        || case when not pg_indexam_has_property(m.oid, 'can_order') then ''
        when pg_index_column_has_property(i.indexrelid, n, 'nulls_first') then ' nulls first' else ' nulls last' end order by n)
      from generate_series(1, i.indnkeyatts) n) as keys,
    (select array_agg(pg_get_indexdef(i.indexrelid, n, true) order by n) from generate_series(i.indnkeyatts + 1, i.indnatts) n) as include,
    pg_get_expr(i.indpred, i.indrelid) as predicate, coalesce(x.reloptions, '{}') as options
  from pg_index i join pg_class c on c.oid = i.indrelid join pg_class x on x.oid = i.indexrelid join pg_am m on m.oid = x.relam
  where c.relnamespace = $1::regnamespace and not exists (select from pg_constraint k where k.conindid = i.indexrelid and k.contype in ('p', 'u', 'x'))
  order by 1`

const COMMENTS = `
  select d.description from pg_description d left join pg_class c on d.classoid = 'pg_class'::regclass and c.oid = d.objoid
    left join pg_constraint k on d.classoid = 'pg_constraint'::regclass and k.oid = d.objoid
  where coalesce(c.relnamespace, k.connamespace) = $1::regnamespace order by 1`
