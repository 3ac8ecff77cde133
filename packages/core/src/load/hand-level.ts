import type { Level } from './choose-strategy.ts'

/** The rows beyond which others are not few. */
export const FEW = 10

/** What is known of rows that are there. */
export function handLevel(count: number): Level {
  return { rows: 'hand', few: count <= FEW, unrepeatable: undefined, locks: false, single: false }
}
