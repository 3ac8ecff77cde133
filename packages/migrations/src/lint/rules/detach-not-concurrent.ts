import { asAny } from '../parse-node.ts'
import { alterationsOfOld, type Rule } from '../rule.ts'
import { shown, tableOf } from '../table-name.ts'

/** Finds partitions that are detached under a lock on the whole table. */
export const detachNotConcurrent: Rule = {
  id: 'detach-not-concurrent',
  severity: 'error',
  why: 'The whole partitioned table is locked, not only the partition: it waits for every query on it and makes all later ones wait.',
  lock: 'ACCESS EXCLUSIVE on the partitioned table: reads and writes wait',
  rewrite: 'DETACH PARTITION ... CONCURRENTLY, outside a transaction (PostgreSQL 14 and later)',
  *check(statement, context) {
    for (const { table, kind, command } of alterationsOfOld(statement, context)) {
      const partition = asAny(command.def).PartitionCmd
      if (kind !== 'AT_DetachPartition' || partition?.concurrent === true) continue
      const name = tableOf(partition?.name)
      if (context.known.isNew(name)) continue
      yield { message: `detaching a partition locks all of ${shown(table)}` }
    }
  },
}
