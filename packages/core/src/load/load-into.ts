import { createQueryId, type QueryExecutorProvider, ValueNode } from 'kysely'
import { EngineExecutor } from '../engine/executor.ts'
import { UsageError } from '../errors/usage-error.ts'
import type { Model } from '../model/model.ts'
import type { EdgeNode } from './edge-node.ts'
import { type Hand, HandNode } from './hand-node.ts'
import { keyOfValues } from './key-text.ts'
import { attachRows, type Landed } from './landed.ts'
import type { Row } from './make-row.ts'
import { assertNotRaised } from './raised.ts'

/** Rows in hand, and what is to be loaded into them. */
export interface HandRequest {
  readonly db: QueryExecutorProvider
  readonly loaders: number
  readonly model: Model
  readonly edges: readonly EdgeNode[]
}

/**
 * Loads edges into rows in hand, in one flight.
 *
 * @throws {UsageError} `RELATION_RAISE`, `LOAD_KEY_MISSING`, `LOAD_ROWS_FROZEN`, `LOAD_NOT_SENT`
 */
export async function bringInto(request: HandRequest, rows: readonly object[]): Promise<void> {
  const { db, loaders, model } = request
  const edges = request.edges.filter(({ strategy }) => strategy !== 'raise')
  const parents = [...new Set(rows)].map((row): Landed => [row, null])
  const hands = edges.map((edge) => handOf(edge, model, parents))
  if (edges.length === 0 || parents.length === 0) return
  const executor = engineExecutor(db)
  const node = new HandNode(model, loaders, edges, hands)
  const compiled = executor.compileQuery(node.query, createQueryId())
  const { rows: landed } = await executor.executeQuery<Landed[]>(compiled)
  for (const [at, edge] of edges.entries()) {
    const attach = { parent: -1, waiting: at, as: edge.as, many: edge.isList }
    attachRows({ attach }, parents, landed[at] as Landed[])
  }
}

/** @throws {UsageError} `LOAD_NOT_SENT` if it is not that of an engine */
export function engineExecutor(db: QueryExecutorProvider): EngineExecutor {
  const executor = db.getExecutor()
  if (executor instanceof EngineExecutor) return executor
  throw new UsageError(
    'LOAD_NOT_SENT',
    'relations are loaded by the Kysely of an engine or of its sessions, and this is another one',
  )
}

/** @throws {UsageError} `RELATION_RAISE`, `LOAD_KEY_MISSING`, `LOAD_ROWS_FROZEN` */
export function assertReady(
  { model, edges }: Pick<HandRequest, 'model' | 'edges'>,
  rows: readonly object[],
): void {
  for (const { as, relation, link, strategy } of edges) {
    if (strategy === 'raise') continue
    assertNotRaised(rows, model.name, relation)
    for (const row of rows) {
      const missing = link.own.find((name) => (row as Row)[name] === undefined)
      if (missing !== undefined) {
        throw new UsageError(
          'LOAD_KEY_MISSING',
          `${as} of ${model.name} is loaded by the column ${missing}, which a row in hand does not have: select it`,
        )
      }
      if (Object.isExtensible(row)) continue
      throw new UsageError(
        'LOAD_ROWS_FROZEN',
        `${as} of ${model.name} cannot be put into a row that is frozen: copy the rows first`,
      )
    }
  }
}

/** The distinct keys of the rows by which an edge is found. Each row waits for it from here on. */
function handOf(edge: EdgeNode, model: Model, parents: readonly Landed[]): Hand {
  const { own } = edge.link
  const definitions = own.map((name) => model.columns[name]?.definition)
  const types = definitions.map((definition) => definition?.type ?? 'text')
  const seen = new Set<string>()
  const arrays = own.map((): unknown[] => [])
  for (const landed of parents) {
    const row = landed[0] as Row
    const values = own.map((name) => row[name])
    const key = keyOfValues(values, types)
    row[edge.as] = edge.isList ? [] : edge.empty
    landed.push(row, key)
    if (key === null || seen.has(key)) continue
    seen.add(key)
    for (const [at, value] of values.entries()) {
      const encode = definitions[at]?.codec.encode
      arrays[at]?.push(encode === undefined ? value : encode(value))
    }
  }
  const nodes = own.map((name, at) => [name, ValueNode.create(arrays[at])] as const)
  return { count: seen.size, arrays: new Map(nodes) }
}
