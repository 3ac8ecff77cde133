import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { faultLine, reportFault } from './fault-report.ts'

afterEach(() => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
})

const result = { row: 'C5', seed: 7, count: 100, violations: 0 }

test('a line holds the row, how it went, and how long the callers waited', () => {
  const latenciesMs = Array.from({ length: 100 }, (_, index) => 100.004 - index)

  const line = faultLine({ ...result, latenciesMs, profile: 'long', numbers: { rssMb: 12 } })

  expect(line).toBe(
    '{"row":"C5","profile":"long","seed":7,"count":100,"violations":0,"p50":50,"p99":99,"rssMb":12}',
  )
})

test('a row without latencies has no quantiles, one with a single latency has that', () => {
  expect(JSON.parse(faultLine(result))).toMatchObject({ profile: 'short', p50: null, p99: null })
  expect(JSON.parse(faultLine({ ...result, latenciesMs: [3] }))).toMatchObject({ p50: 3, p99: 3 })
})

test('lines are printed, and gathered in the file that is named', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'aquifer-test-'))
  await using _removed = { [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) }
  const file = join(folder, 'report.jsonl')
  const written = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  await reportFault(result)
  vi.stubEnv('AQUIFER_FAULT_REPORT', file)

  await reportFault({ ...result, row: 'C6' })
  await reportFault({ ...result, row: 'C7' })

  const lines = (await readFile(file, 'utf8')).trimEnd().split('\n')
  expect(lines.map((line) => JSON.parse(line).row)).toEqual(['C6', 'C7'])
  expect(written.mock.calls.map(([line]) => JSON.parse(String(line)).row)).toEqual([
    'C5',
    'C6',
    'C7',
  ])
})
