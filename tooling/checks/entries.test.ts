import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import type { CheckOptions } from './check.ts'
import { entries } from './entries.ts'
import { openRepository } from './repository.ts'

const LIST = 'tooling/checks/entries/core.txt'

/** A house with one library, whose entry passes on what `pool.ts` holds. */
function setup(pool: string, entry = "export { Pool } from './pool.ts'\n") {
  const root = mkdtempSync(join(tmpdir(), 'aquifer-entries-'))
  const write = (file: string, content: string) => {
    mkdirSync(dirname(join(root, file)), { recursive: true })
    writeFileSync(join(root, file), content)
  }
  write(
    'packages/core/package.json',
    JSON.stringify({ name: '@aquifer/core', type: 'module', exports: { '.': './src/index.ts' } }),
  )
  write(
    'packages/core/tsconfig.json',
    JSON.stringify({
      compilerOptions: { module: 'nodenext', allowImportingTsExtensions: true, types: [] },
      include: ['src'],
    }),
  )
  write('packages/core/src/pool.ts', pool)
  write('packages/core/src/index.ts', entry)
  return {
    root,
    write,
    async messages(options: CheckOptions = {}) {
      const { findings } = await entries.run(openRepository(root), options)
      return findings.map(({ file, message }) => `${file} ${message}`)
    },
    [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }),
  }
}

test('a documented name on the committed list has no findings', async () => {
  using house = setup('/** Owns connections. */\nexport class Pool {}\n')
  house.write(LIST, '# @aquifer/core\nPool\n')
  expect(await house.messages()).toEqual([])
})

test('a public name without a docstring is found in the file that declares it', async () => {
  using house = setup('// Owns connections.\nexport class Pool {}\n')
  house.write(LIST, '# @aquifer/core\nPool\n')
  expect(await house.messages()).toEqual([
    expect.stringMatching(/^packages\/core\/src\/pool\.ts Pool, a public name of @aquifer\/core/),
  ])
})

test('names that came and went are found', async () => {
  using house = setup('/** Owns connections. */\nexport class Pool {}\n')
  house.write(LIST, '# @aquifer/core\nBasin\n')
  expect(await house.messages()).toEqual([
    expect.stringContaining('@aquifer/core: Pool is new, @aquifer/core: Basin is gone.'),
  ])
})

test('the list is written on request', async () => {
  using house = setup('/** Owns connections. */\nexport class Pool {}\n')
  expect(await house.messages({ write: true })).toEqual([])
  expect(readFileSync(join(house.root, LIST), 'utf8')).toBe('# @aquifer/core\nPool\n')
  expect(await house.messages()).toEqual([])
})

test("more than 90 names at core's entry are found", async () => {
  const declarations = (count: number) =>
    Array.from({ length: count }, (_, n) => `/** One. */\nexport const n${n} = ${n}\n`).join('')
  using house = setup('', declarations(90))
  expect(await house.messages({ write: true })).toEqual([])
  house.write('packages/core/src/index.ts', declarations(91))
  expect(await house.messages({ write: true })).toEqual([
    expect.stringContaining('91 names are more than a reader can take in'),
  ])
})
