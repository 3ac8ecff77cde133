import type { Grant } from './program-object.ts'
import { collationOf, commentOn, grantsOf, SELECTED } from './relation-queries.ts'

/** A row of `schemas`. */
export interface SchemaRow {
  readonly oid: string
  readonly name: string
  readonly comment: string | null
}

/** Schemas. The comment that every new database has on `public` is none. */
export const schemas: string = `
  select n.oid::text, n.nspname as name, nullif(${commentOn('pg_namespace', 'n.oid')}, 'standard public schema') as comment
  from pg_namespace n where ${SELECTED}`

/** A row of `extensions`. */
export interface ExtensionRow {
  readonly oid: string
  readonly name: string
  readonly schema: string
  readonly version: string
}

/** Extensions, but for those that live in the server's own schema, as plpgsql does. */
export const extensions: string = `
  select e.oid::text, e.extname as name, n.nspname as schema, e.extversion as version
  from pg_extension e join pg_namespace n on n.oid = e.extnamespace where ${SELECTED}`

/** A row of `types`. */
export interface TypeRow {
  readonly oid: string
  readonly array: string
  readonly relation: string
  readonly schema: string
  readonly name: string
  readonly kind: 'e' | 'd' | 'c' | 'r'
  readonly values: readonly string[] | null
  readonly base: string | null
  readonly notNull: boolean
  readonly default: string | null
  readonly collation: string | null
  readonly range: {
    readonly subtype: string
    readonly multirange: string
    readonly multirangeOid: string
    readonly operatorClass: string | null
    readonly collation: string | null
    readonly canonical: string | null
    readonly subtypeDiff: string | null
  } | null
  readonly comment: string | null
}

/** Enumerations, domains, composite and range types. */
export const types: string = `
  select t.oid::text, t.typarray::text as array, t.typrelid::text as relation, n.nspname as schema, t.typname as name, t.typtype as kind,
    case when t.typtype = 'e' then (select coalesce(json_agg(v.enumlabel order by v.enumsortorder), '[]') from pg_enum v where v.enumtypid = t.oid) end as values,
    case when t.typtype = 'd' then format_type(t.typbasetype, t.typtypmod) end as base, t.typnotnull as "notNull",
    case when t.typtype = 'd' then coalesce(pg_get_expr(t.typdefaultbin, 0), t.typdefault) end as default,
    case when t.typtype = 'd' then
      (select ${collationOf('t.typcollation', 'b.typcollation')} from pg_type b where b.oid = t.typbasetype) end as collation,
    case when t.typtype = 'r' then (
      select json_build_object('subtype', format_type(r.rngsubtype, null), 'multirange', m.typname, 'multirangeOid', m.oid::text,
        'operatorClass', (select quote_ident(on_.nspname) || '.' || quote_ident(o.opcname) from pg_opclass o
          join pg_namespace on_ on on_.oid = o.opcnamespace where o.oid = r.rngsubopc and not o.opcdefault),
        'collation', (select ${collationOf('r.rngcollation', 's.typcollation')} from pg_type s where s.oid = r.rngsubtype),
        'canonical', nullif(r.rngcanonical::oid, 0)::regproc::text, 'subtypeDiff', nullif(r.rngsubdiff::oid, 0)::regproc::text)
      from pg_range r join pg_type m on m.oid = r.rngmultitypid where r.rngtypid = t.oid) end as range,
    ${commentOn('pg_type', 't.oid')} as comment
  from pg_type t join pg_namespace n on n.oid = t.typnamespace left join pg_class c on c.oid = t.typrelid
  where (t.typtype in ('e', 'd', 'r') or t.typtype = 'c' and c.relkind = 'c') and ${SELECTED}`

/** A row of `routines`. */
export interface RoutineRow {
  readonly oid: string
  readonly schema: string
  readonly name: string
  readonly kind: 'f' | 'p' | 'w' | 'a'
  readonly signature: string
  readonly arguments: string
  readonly result: string | null
  readonly language: string
  readonly definition: string | null
  readonly aggregate: readonly string[] | null
  readonly grants: readonly Grant[] | null
  readonly comment: string | null
}

/** Functions, procedures and aggregates, but for those that came with a range type. An aggregate comes as the options of CREATE AGGREGATE. */
export const routines: string = `
  select p.oid::text, n.nspname as schema, p.proname as name, p.prokind as kind, oidvectortypes(p.proargtypes) as signature,
    pg_get_function_arguments(p.oid) as arguments, pg_get_function_result(p.oid) as result, l.lanname as language,
    case when p.prokind <> 'a' then pg_get_functiondef(p.oid) end as definition,
    case when p.prokind = 'a' then (
      select array_remove(array['sfunc = ' || g.aggtransfn::regproc::text, 'stype = ' || format_type(g.aggtranstype, null),
        'sspace = ' || nullif(g.aggtransspace, 0), 'finalfunc = ' || nullif(g.aggfinalfn::oid, 0)::regproc::text,
        case when g.aggfinalextra then 'finalfunc_extra' end,
        'combinefunc = ' || nullif(g.aggcombinefn::oid, 0)::regproc::text, 'serialfunc = ' || nullif(g.aggserialfn::oid, 0)::regproc::text,
        'deserialfunc = ' || nullif(g.aggdeserialfn::oid, 0)::regproc::text, 'initcond = ' || quote_literal(g.agginitval),
        'msfunc = ' || nullif(g.aggmtransfn::oid, 0)::regproc::text, 'minvfunc = ' || nullif(g.aggminvtransfn::oid, 0)::regproc::text,
        'mstype = ' || format_type(nullif(g.aggmtranstype, 0), null), 'mfinalfunc = ' || nullif(g.aggmfinalfn::oid, 0)::regproc::text,
        'minitcond = ' || quote_literal(g.aggminitval),
        'sortop = operator(' || (select quote_ident(opn.nspname) || '.' || o.oprname from pg_operator o
          join pg_namespace opn on opn.oid = o.oprnamespace where o.oid = nullif(g.aggsortop, 0)) || ')',
        case when g.aggkind = 'h' then 'hypothetical' end,
        case p.proparallel when 's' then 'parallel = safe' when 'r' then 'parallel = restricted' end], null)
      from pg_aggregate g where g.aggfnoid = p.oid) end as aggregate,
    ${grantsOf('p.proacl', 'p.proowner')} as grants, ${commentOn('pg_proc', 'p.oid')} as comment
  from pg_proc p join pg_namespace n on n.oid = p.pronamespace join pg_language l on l.oid = p.prolang
  where ${SELECTED} and not exists (
    select from pg_depend d where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'i')`
