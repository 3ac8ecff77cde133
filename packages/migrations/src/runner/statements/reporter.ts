import type { MigrationEvent, StatementPlace } from '../event.ts'

/** Tells of each statement of one revision as it starts and ends. */
export class StatementReporter {
  readonly #revision: Pick<StatementPlace, 'direction' | 'id'>
  readonly #onEvent: ((event: MigrationEvent) => void) | undefined
  #position = 0

  constructor(
    revision: Pick<StatementPlace, 'direction' | 'id'>,
    onEvent: ((event: MigrationEvent) => void) | undefined,
  ) {
    this.#revision = revision
    this.#onEvent = onEvent
  }

  /** The next place: the first statement has position 1. */
  next(text: string): StatementPlace {
    this.#position += 1
    const { direction, id } = this.#revision
    return { direction, id, position: this.#position, statement: text }
  }

  tell(state: 'started' | 'finished' | 'skipped', place: StatementPlace): void {
    this.#onEvent?.({ event: 'statement', state, ...place })
  }

  /** Tells of a statement around its run. */
  async around<T>(place: StatementPlace, run: () => Promise<T>): Promise<T> {
    this.tell('started', place)
    const result = await run()
    this.tell('finished', place)
    return result
  }
}
