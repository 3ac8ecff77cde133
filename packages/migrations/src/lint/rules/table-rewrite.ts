import { hasOption } from '../lock.ts'
import { asAny } from '../parse-node.ts'
import { alterationsOfOld, type Rule } from '../rule.ts'
import { shown, tableOf } from '../table-name.ts'

const REWRITES: Partial<Record<string, string>> = {
  AT_SetLogged: 'SET LOGGED',
  AT_SetUnLogged: 'SET UNLOGGED',
  AT_SetAccessMethod: 'SET ACCESS METHOD',
  AT_SetTableSpace: 'SET TABLESPACE',
}

/** Finds maintenance that writes a whole table anew. */
export const tableRewrite: Rule = {
  id: 'table-rewrite',
  severity: 'error',
  growsWithRows: true,
  why: 'The whole table and its indexes are written anew while nobody else can use it, and need as much disk again.',
  lock: 'ACCESS EXCLUSIVE on the table for the whole rewrite: reads and writes wait',
  rewrite:
    'Plain VACUUM, which frees space for new rows beside the traffic; to give it back to the system, the extension pg_repack or pg_squeeze',
  *check(statement, context) {
    const { VacuumStmt: vacuum, ClusterStmt: cluster } = statement.node
    if (vacuum?.is_vacuumcmd === true && hasOption(vacuum.options, 'full')) {
      const tables = (vacuum.rels ?? []).map((each) =>
        tableOf(asAny(each).VacuumRelation?.relation),
      )
      for (const table of tables.length > 0 ? tables : [undefined]) {
        const what = table === undefined ? 'every table' : shown(table)
        yield { message: `VACUUM FULL locks ${what} against everybody`, table }
      }
    }
    if (cluster !== undefined) {
      const table = tableOf(cluster.relation)
      const what = table === undefined ? 'every clustered table' : shown(table)
      yield { message: `CLUSTER locks ${what} against everybody`, table }
    }
    for (const { table, kind } of alterationsOfOld(statement, context)) {
      const what = REWRITES[kind]
      if (what === undefined) continue
      yield { message: `${what} locks ${shown(table)} against everybody while it copies it`, table }
    }
  },
}
