import { createHash } from 'node:crypto'
import type { Workload } from './contender.ts'

const COMPARED = 200

/** What makes a race worthless: two contenders that do not do the same work. */
export class DifferentAnswersError extends Error {
  override readonly name = 'DifferentAnswersError'

  constructor(workload: string, contender: string, reference: string) {
    super(
      `${workload}: ${contender} and ${reference} answer differently, so their times say nothing`,
    )
  }
}

/**
 * Runs the first operations of a workload through every contender and compares the answers, types
 * of values included.
 *
 * @throws {DifferentAnswersError} if they differ
 */
export async function compareAnswers(workload: Workload): Promise<void> {
  let reference: { name: string; checksum: string } | undefined
  const compared = workload.streams ? 1 : (workload.compared ?? COMPARED)
  for (const { name, run } of workload.contenders) {
    await workload.reset?.()
    const hash = createHash('sha256')
    for (let index = 0; index < compared; index += 1) {
      const answer = await run(index)
      hash.update(canonical(workload.same?.(answer) ?? answer))
    }
    const checksum = hash.digest('hex')
    reference ??= { name, checksum }
    if (checksum !== reference.checksum) {
      throw new DifferentAnswersError(workload.name, name, reference.name)
    }
  }
}

/** Text that is equal for equal values of equal types, whatever the order of keys. */
export function canonical(value: unknown): string {
  if (value instanceof Date) return `date:${value.toISOString()}`
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`
  if (typeof value !== 'object' || value === null) return `${typeof value}:${String(value)}`
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${fields.map(([key, field]) => `${key}=${canonical(field)}`).join()}}`
}
