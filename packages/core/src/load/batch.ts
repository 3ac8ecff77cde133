import { assertReady, bringInto, engineExecutor, type HandRequest } from './load-into.ts'

/** Calls that are waiting for the end of the tick. */
interface Batch {
  readonly request: HandRequest
  readonly rows: object[]
  readonly done: Promise<void>
}

/**
 * Loads edges into rows together with all calls of this tick that ask for the same edges of the same model in the same place: one
 * flight for all of them.
 *
 * @see DataLoader
 */
export class Batches {
  /** By where their queries run. */
  readonly #waiting = new WeakMap<object, Map<string, Batch>>()

  async load(request: HandRequest, rows: readonly object[]): Promise<void> {
    assertReady(request, rows)
    if (rows.length === 0) return
    const { place } = engineExecutor(request.db)
    const name = nameOf(request)
    if (name === undefined) return bringInto(request, rows)
    const here = this.#waiting.get(place) ?? new Map<string, Batch>()
    this.#waiting.set(place, here)
    const open = here.get(name)
    if (open !== undefined) {
      open.rows.push(...rows)
      return open.done
    }
    const together = [...rows]
    const { promise, resolve } = Promise.withResolvers<void>()
    const done = promise.then(() => {
      here.delete(name)
      return bringInto(request, together)
    })
    here.set(name, { request, rows: together, done })
    // What the promises of this tick lead to still takes part.
    queueMicrotask(() => process.nextTick(resolve))
    return done
  }
}

/** What calls have in common that may be made together; undefined for one whose values have no text. */
function nameOf({ loaders, model, edges }: HandRequest): string | undefined {
  let isPlain = true
  const text = JSON.stringify(edges, (_, value: unknown) => {
    if (typeof value === 'bigint') return `${value}n`
    if (typeof value === 'number' && !Number.isFinite(value)) return `${value}`
    if (typeof value === 'function' || typeof value === 'symbol') isPlain = false
    return value
  })
  return isPlain ? `${loaders} ${model.name} ${text}` : undefined
}
