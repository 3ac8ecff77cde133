/** A batch that has ended, and what is wanted. */
export interface EndedBatch {
  readonly rows: number
  readonly tookMs: number
  readonly batchMs: number
  readonly maxBatchRows: number
}

/** How many rows the next batch takes, so that it lasts about as long as wanted: at most twice and at least half as many. */
export function nextBatchRows({ rows, tookMs, batchMs, maxBatchRows }: EndedBatch): number {
  const factor = Math.min(2, Math.max(0.5, batchMs / Math.max(tookMs, 1)))
  return Math.max(1, Math.min(maxBatchRows, Math.round(rows * factor)))
}
