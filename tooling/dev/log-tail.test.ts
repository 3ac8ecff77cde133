import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { followLog } from './log-tail.ts'

async function setup(before: string) {
  const folder = await mkdtemp(join(tmpdir(), 'aquifer-log-'))
  const file = join(folder, 'app.log')
  await writeFile(file, before)
  const lines: string[] = []
  const tail = followLog(file, Buffer.byteLength(before), (line) => lines.push(line))
  return { file, lines, tail, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) }
}

test('lines are heard as they are added, older ones are not', async () => {
  await using t = await setup('before\n')

  await appendFile(t.file, 'first\nsec')
  await vi.waitFor(() => expect(t.lines).toEqual(['first']))
  await appendFile(t.file, 'ond\n')
  await vi.waitFor(() => expect(t.lines).toEqual(['first', 'second']))

  await t.tail.end()
})

test('the end hears what is left, also without a line break', async () => {
  await using t = await setup('')

  await appendFile(t.file, 'first\nlast wörds')
  await t.tail.end()

  expect(t.lines).toEqual(['first', 'last wörds'])
})
