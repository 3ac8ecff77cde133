import { expect, test } from 'vitest'
import { textPrinter } from './print.ts'

function printer(terminal: boolean) {
  let [out, err] = ['', '']
  const streams = {
    terminal,
    out: (text: string) => {
      out += text
    },
    err: (text: string) => {
      err += text
    },
  }
  return { ...textPrinter(streams), said: () => ({ out, err }) }
}

const revision = { direction: 'up', id: 'aa', name: 'one' } as const
const statement = {
  event: 'statement',
  state: 'started',
  direction: 'up',
  id: 'aa',
  position: 2,
  statement: `insert into a\n  values ('secret')`,
} as const
const blocker = { pid: 7, applicationName: 'shop:api@1', user: 'app', state: 'idle in transaction' }

test('at a terminal the line of a revision shows the statement that runs', () => {
  const p = printer(true)
  p.event({ event: 'started', ...revision })
  p.event(statement)
  p.event({ ...statement, state: 'finished' })
  p.event({ event: 'finished', ...revision, durationMs: 1_500 })
  expect(p.said().out).toBe(
    `up    one  \r\u001b[Kup    one  2: insert into a values ('...')\r\u001b[Kup    one      1.5 s\n`,
  )
})

test('elsewhere it is the revision and its time', () => {
  const p = printer(false)
  p.event({ event: 'started', ...revision })
  p.event(statement)
  p.event({ event: 'finished', ...revision, durationMs: 1_500 })
  expect(p.said()).toEqual({ out: 'up    one      1.5 s\n', err: '' })
})

test('who is in the way is told beside the results', () => {
  const p = printer(false)
  p.event({ event: 'started', ...revision })
  p.event({ event: 'blocked', id: 'aa', name: 'one', waitedMs: 500, by: [blocker] })
  p.event({
    event: 'retrying',
    id: 'aa',
    name: 'one',
    attempt: 1,
    attempts: 10,
    pauseMs: 900,
    by: [blocker],
  })
  expect(p.said().err).toBe(
    '\nwaiting for locks: held by pid 7 (shop:api@1 as app, idle in transaction)\n' +
      '\na lock was not free (attempt 1 of 10): trying again in 900 ms\n',
  )
})

test('a bar is drawn over itself at a terminal, and ends before the result', () => {
  const p = printer(true)
  const progress = { event: 'progress', name: 'x', totalRows: 2, rowsPerSecond: 1 } as const
  p.event({ ...progress, doneRows: 1 })
  p.event({ ...progress, doneRows: 2 })
  p.result({}, ['2 rows'])
  const { out } = p.said()
  expect(out.split('\r\u001b[K')).toHaveLength(3)
  expect(out.endsWith('\n2 rows\n')).toBe(true)
})
