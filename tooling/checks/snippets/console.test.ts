import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runConsole } from './console.ts'
import type { Block } from './page.ts'
import { openShell } from './shell.ts'
import { openWorkshop } from './workshop.ts'

const block = (kind: Block['kind'], ...lines: string[]): Block => ({
  page: 'README.md',
  line: 10,
  kind,
  content: lines.join('\n'),
})

async function run(...blocks: Block[]): Promise<string[]> {
  using workshop = openWorkshop()
  await using shell = openShell(workshop.folder, process.env)
  const findings = await runConsole(blocks, shell, 4321)
  return findings.map(({ line, message }) => `${line} ${message}`)
}

test('folder and variables last from one command to the next', async () => {
  const found = await run(
    block('shell', 'mkdir deep', 'cd deep', 'NAME=ada'),
    block('console', '$ basename "$PWD"', 'deep', '$ echo "hello $NAME"', 'hello ada'),
  )
  expect(found).toEqual([])
})

test('a command is continued after a backslash', async () => {
  expect(await run(block('console', '$ echo one \\', '>   two', 'one two'))).toEqual([])
})

test('output that a command does not print is found at the line of the command', async () => {
  const found = await run(block('console', '$ echo one', 'one', '$ echo two', 'three'))
  expect(found).toEqual([expect.stringMatching(/^13 `echo two` does not print "three"/)])
  expect(found[0]).toContain('| two')
})

test('a command that fails is found, and ends the page', async () => {
  const found = await run(
    block('shell', 'echo before', 'test -e missing', 'echo after'),
    block('shell', 'exit 7'),
  )
  expect(found).toHaveLength(1)
  expect(found[0]).toContain('ended with exit code 1')
  expect(found[0]).toContain('| before')
  expect(found[0]).not.toContain('| after')
})

test('what a command writes to standard error counts', async () => {
  expect(await run(block('console', '$ echo oops >&2', 'oops'))).toEqual([])
})

test('a page that says 3000 is run on the port that is free', async () => {
  const found = await run(
    block('console', '$ echo http://localhost:3000', 'http://localhost:3000'),
    block('console', "$ test 'x:3000' = 'x:'4321 && echo changed", 'changed'),
  )
  expect(found).toEqual([])
})

test('a background command is ready when it has printed what the page shows, and is stopped', async () => {
  const loop = "trap 'echo bye > stopped; exit 0' INT; echo ready; while :; do sleep 1; done"
  const server = { ...block('console', `$ ${loop}`, 'ready'), background: true }
  const found = await run(server, block('console', '$ echo beside', 'beside'))
  expect(found).toEqual([])
})

test('a command that is still under way when the page ends may end in good order', async () => {
  using workshop = openWorkshop()
  {
    await using shell = openShell(workshop.folder, process.env)
    const { exitCode } = await shell.run(
      "trap 'echo bye > stopped; exit' INT; sleep 60 & wait",
      300,
    )
    expect(exitCode).toBeUndefined()
  }
  expect(existsSync(join(workshop.folder, 'stopped'))).toBe(true)
})

test('a background command that ends without the shown output is found', async () => {
  const server = { ...block('console', '$ echo no', 'ready'), background: true }
  expect(await run(server)).toEqual([expect.stringContaining('does not print "ready"')])
})
