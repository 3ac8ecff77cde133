import type { Connection } from '../version-table.ts'
import { wordsOf } from './split.ts'

/** What the database shows of a statement that was started and of whose end nothing is known. */
export type InterruptedState = 'done' | 'again' | 'unknown'

/**
 * Finds out what became of a statement that cannot run in a transaction, and takes away what is in the way of running it again: an
 * index that its build has left invalid is dropped.
 */
export async function recoverInterrupted(
  connection: Connection,
  statement: string,
): Promise<InterruptedState> {
  const words = wordsOf(statement)
  const [first, second] = words
  if (first === 'create' && /^(index|unique)$/.test(second ?? ''))
    return createdIndex(connection, words)
  if (first === 'drop' && second === 'index') return droppedIndex(connection, words)
  if (first === 'reindex') return reindexed(connection)
  if (first === 'alter' && words.includes('detach')) return detached(connection, words)
  if (first === 'vacuum' || first === 'analyze' || (first === 'alter' && second === 'system'))
    return 'again'
  return 'unknown'
}

const INDEX = `select indexrelid::regclass::text as index, indisvalid and indisready as valid
  from pg_index join pg_class on pg_class.oid = indexrelid
  where relname = (parse_ident($1))[1] and relnamespace = (select relnamespace from pg_class where oid = to_regclass($2))`

async function createdIndex(
  connection: Connection,
  words: readonly string[],
): Promise<InterruptedState> {
  const on = words.indexOf('on')
  const after = words.indexOf('concurrently') + 1
  const [name] = words.slice(words[after] === 'if' ? after + 3 : after, on)
  // Without a name the server makes one up, and nobody can tell which.
  if (name === undefined) return 'unknown'
  const table = nameAt(words, words[on + 1] === 'only' ? on + 2 : on + 1)
  const { rows } = await connection.query<{ index: string; valid: boolean }>(INDEX, [name, table])
  const [found] = rows
  if (found === undefined) return 'again'
  if (found.valid) return 'done'
  await connection.query(`drop index concurrently ${found.index}`)
  return 'again'
}

async function droppedIndex(
  connection: Connection,
  words: readonly string[],
): Promise<InterruptedState> {
  const at = words.indexOf('concurrently') + 1
  const name = nameAt(words, words[at] === 'if' ? at + 2 : at)
  const { rows } = await connection.query<{ gone: boolean }>(
    'select to_regclass($1) is null as gone',
    [name],
  )
  return rows[0]?.gone === true ? 'done' : 'again'
}

/** Its effect is that of running it twice; the copies that it was building are marked by their names. */
async function reindexed(connection: Connection): Promise<InterruptedState> {
  const { rows } = await connection.query<{ index: string }>(
    `select indexrelid::regclass::text as index from pg_index join pg_class on pg_class.oid = indexrelid
     where not indisvalid and relname ~ '_cc(new|old)[0-9]*$'`,
  )
  for (const { index } of rows) await connection.query(`drop index concurrently ${index}`)
  return 'again'
}

async function detached(
  connection: Connection,
  words: readonly string[],
): Promise<InterruptedState> {
  const at = words.indexOf('table') + 1
  const parentAt = words[at] === 'if' ? at + 2 : at
  const parent = nameAt(words, words[parentAt] === 'only' ? parentAt + 1 : parentAt)
  const partition = nameAt(words, words.indexOf('partition', words.indexOf('detach')) + 1)
  const { rows } = await connection.query<{ pending: boolean }>(
    `select inhdetachpending as pending from pg_inherits where inhparent = to_regclass($1) and inhrelid = to_regclass($2)`,
    [parent, partition],
  )
  const [found] = rows
  if (found === undefined) return 'done'
  if (!found.pending) return 'again'
  await connection.query(`alter table ${parent} detach partition ${partition} finalize`)
  return 'done'
}

/** `schema.table` or `table`, as written. */
function nameAt(words: readonly string[], at: number): string {
  const [name = '', dot, rest = ''] = words.slice(at, at + 3)
  return dot === '.' ? `${name}.${rest}` : name
}
