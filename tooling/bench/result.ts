/** What was measured of one contender; a measure that makes no sense for the work is absent. */
export interface Measured {
  readonly contender: string
  readonly perSecond?: number
  /** Throughput over that of the first contender; above 1 is faster. */
  readonly ratio?: number
  /** Time for one operation over that of the first contender; below 1 is faster. */
  readonly timeRatio?: number
  /** Time of this process's processors for one operation, in microseconds. */
  readonly cpuUs?: number
  /** CPU for one operation over that of the first contender; below 1 is less. */
  readonly cpuRatio?: number
  /** Statements that one operation sends. */
  readonly statements?: number
  /** How often one operation sends something and waits for its answer. */
  readonly flights?: number
  /** From the first line of a program to the first answer, importing and connecting included. */
  readonly firstAnswerMs?: number
  /** First answer over pg's, and over Kysely's. */
  readonly overPg?: number
  readonly overKysely?: number
  /** Peak of resident memory above its start. */
  readonly peakRssMb?: number
}

/** Something that can be measured. */
export type Measure = Exclude<keyof Measured, 'contender'>

/** What came out of one workload at one concurrency. */
export interface Result {
  readonly workload: string
  readonly concurrency: number
  readonly contenders: readonly Measured[]
}
