import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

test('tests, and what they start as `node`, run on the Node of the catalog', () => {
  const workspace = readFileSync(join(import.meta.dirname, '../../pnpm-workspace.yaml'), 'utf8')
  const pinned = /^ {2}node: (\S+)$/m.exec(workspace)?.[1]
  expect(process.version).toBe(`v${pinned}`)
  expect(execFileSync('node', ['--version'], { encoding: 'utf8' }).trim()).toBe(`v${pinned}`)
})
