import { expect, test } from 'vitest'
import { logView } from './log-view.ts'

function setup() {
  const said: string[] = []
  const clock = { now: 0 }
  const show = logView(
    'api',
    (text) => said.push(text),
    () => clock.now,
  )
  return { said, clock, show: (entry: object) => show(JSON.stringify(entry)) }
}

test('warnings and errors are shown in words, everything else stays in the log', () => {
  const { said, show } = setup()

  show({ level: 'info', msg: 'listening' })
  show({ level: 'warn', msg: 'pool is full' })
  show({ level: 'error', msg: 'request failed', err: { message: 'no connection', stack: 'at x' } })

  expect(said).toEqual(['api warning: pool is full', 'api error: request failed: no connection'])
})

test('what is repeated is shown once in ten seconds', () => {
  const { said, clock, show } = setup()
  const entry = { level: 'error', msg: 'database is away' }

  show(entry)
  clock.now = 9_999
  show(entry)
  clock.now = 10_000
  show(entry)

  expect(said).toHaveLength(2)
})

test('a line that is no JSON is left to the log', () => {
  const said: string[] = []
  const show = logView('api', (text) => said.push(text))

  show('{ half')
  show('plain')

  expect(said).toEqual([])
})
