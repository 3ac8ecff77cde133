/** A row of `dependencies`: what refers to what, each as a letter and numbers. */
export interface DependencyRow {
  readonly from: string
  readonly to: string
  readonly type: string
}

/**
 * What made by users depends on what. A rule counts as its view, the default of a column as `d`; other letters stand for the catalogs.
 * Everything in use by the server itself has a lower oid than the first object of a user.
 */
export const dependencies: string = `
  select distinct ${node('d.classid', 'd.objid', 'd.objsubid')} as from, ${node('d.refclassid', 'd.refobjid', 'd.refobjsubid')} as to,
    d.deptype as type
  from pg_depend d
    left join pg_rewrite r on d.classid = 'pg_rewrite'::regclass and r.oid = d.objid
    left join pg_attrdef e on d.classid = 'pg_attrdef'::regclass and e.oid = d.objid
    left join pg_trigger g on d.classid = 'pg_trigger'::regclass and g.oid = d.objid
  where d.objid >= 16384 and d.refobjid >= 16384 and d.deptype in ('n', 'a', 'i', 'e', 'x', 'P') and not coalesce(g.tgisinternal, false)`

function node(catalog: string, oid: string, column: string): string {
  const own = catalog === 'd.classid'
  return `case ${catalog}
    when 'pg_class'::regclass then 'c' || ${oid} || '.' || ${column}
    when 'pg_type'::regclass then 't' || ${oid}
    when 'pg_proc'::regclass then 'f' || ${oid}
    when 'pg_constraint'::regclass then 'k' || ${oid}
    when 'pg_trigger'::regclass then 'g' || ${oid}
    when 'pg_policy'::regclass then 'p' || ${oid}
    when 'pg_extension'::regclass then 'e' || ${oid}
    when 'pg_operator'::regclass then 'o' || ${oid}
    when 'pg_opclass'::regclass then 'q' || ${oid}
    ${own ? `when 'pg_rewrite'::regclass then 'c' || r.ev_class || '.0' when 'pg_attrdef'::regclass then 'd' || e.adrelid || '.' || e.adnum` : ''}
  end`
}
