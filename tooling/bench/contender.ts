/** One way to do the work of a workload. */
export interface Contender {
  readonly name: string
  /** Does the work once. The same index brings the same answer from every contender. */
  run(index: number): Promise<unknown>
}

/** A piece of work that several contenders do; the first of them is what the others are compared to. */
export interface Workload {
  readonly name: string
  /** How many of it are under way at once. */
  readonly concurrency: readonly number[]
  readonly contenders: readonly Contender[]
  /** How many operations one run does, for work that is too short to be timed alone. @default 1 */
  readonly batch?: number
  /** One run reads a whole table: its answer is compared once, and its statements are not counted. */
  readonly streams?: boolean
  /** How many answers are compared. @default 200 */
  readonly compared?: number
  /** What two answers have in common that are the same; the answers themselves if it is absent. */
  same?(answer: unknown): unknown
  /** Puts the tables back to where every turn begins. */
  reset?(): Promise<void>
}
