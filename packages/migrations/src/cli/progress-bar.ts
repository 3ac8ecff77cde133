import type { BackfillEvent } from '../backfill/backfill.ts'
import { duration } from './lines.ts'

const WIDTH = 24

/** One line of a backfill for a terminal: a bar with rows, speed and the time that is left, or why it does not move. */
export function progressBar(event: BackfillEvent): string {
  if (event.event === 'throttled')
    return `${event.name}: waiting, a standby is ${duration(event.lagMs)} behind`
  if (event.event === 'repeated')
    return `${event.name}: a batch met ${event.code}, again with ${event.batchRows} rows`
  const { name, doneRows, totalRows, rowsPerSecond, leftMs } = event
  const share = totalRows === 0 ? 1 : Math.min(1, doneRows / totalRows)
  const filled = Math.round(share * WIDTH)
  const bar = `${'█'.repeat(filled)}${'░'.repeat(WIDTH - filled)}`
  const left = leftMs === undefined ? '' : `, ${duration(leftMs)} left`
  return `${name} ${bar} ${Math.floor(share * 100)} %  ${grouped(doneRows)} of ${grouped(totalRows)} rows, ${grouped(rowsPerSecond)}/s${left}`
}

function grouped(number: number): string {
  return number.toLocaleString('en')
}
