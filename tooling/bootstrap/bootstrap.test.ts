import { execFile } from 'node:child_process'
import { chmod, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, test, vi } from 'vitest'

interface Outcome {
  code: number | null
  stdout: string
  stderr: string
}

/** A clone in the small: the real bootstrap, and a registry client whose words a test writes. */
async function setup(npx: string = installs) {
  const path = await mkdtemp(join(tmpdir(), 'aquifer-clone-'))
  const write = async (file: string, text: string) => {
    await mkdir(dirname(join(path, file)), { recursive: true })
    await writeFile(join(path, file), text)
  }
  await cp(import.meta.dirname, join(path, 'tooling', 'bootstrap'), { recursive: true })
  await write('package.json', '{ "type": "module", "packageManager": "pnpm@1.2.3" }')
  await write('pnpm-workspace.yaml', 'packages:\n  - packages/*\n')
  await write('pnpm-lock.yaml', '')
  await write('.pnpmfile.cjs', '')
  await write('packages/a/package.json', '{ "name": "a" }')
  await write('packages/migrations/src/cli/main.ts', cli)
  await write('bin/npx', `#!/bin/sh\necho "$@" >> calls\n${npx}`)
  await chmod(join(path, 'bin', 'npx'), 0o755)
  return {
    path,
    write,
    run: (script: string, ...args: Word[]) => run(path, script, args),
    calls: async () =>
      (await readFile(join(path, 'calls'), 'utf8').catch(() => '')).split('\n').length - 1,
    [Symbol.asyncDispose]: () => rm(path, { recursive: true }),
  }
}

const installs = `mkdir -p node_modules/.bin && ln -sf '${process.execPath}' node_modules/.bin/node`
const cli = `
  console.log(JSON.stringify(process.argv.slice(2)))
  process.exitCode = 4
`

/** An argument, or who listens to the standard error. */
type Word = string | ((stderr: string) => void)

function run(path: string, script: string, words: Word[]): Promise<Outcome> {
  const args = words.filter((word) => typeof word === 'string')
  const env = { ...process.env, PATH: `${join(path, 'bin')}:${process.env.PATH}` }
  const file = join(path, 'tooling', 'bootstrap', script)
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [file, ...args],
      { cwd: path, env },
      (_e, stdout, stderr) => resolve({ code: child.exitCode, stdout, stderr }),
    )
    for (const word of words) if (typeof word === 'function') child.stderr?.on('data', word)
  })
}

test('the first call installs with the pinned package manager, the second does not', async () => {
  await using clone = await setup()

  const first = await clone.run('aquifer.mjs')
  const second = await clone.run('aquifer.mjs')

  expect(first.stderr).toContain('Installing packages')
  expect(second.stderr).toBe('')
  expect(await readFile(join(clone.path, 'calls'), 'utf8')).toBe(
    '--yes pnpm@1.2.3 install --frozen-lockfile --reporter=append-only\n',
  )
})

test('a changed manifest installs again', async () => {
  await using clone = await setup()
  await clone.run('aquifer.mjs')
  await clone.write('packages/a/package.json', '{ "name": "a", "dependencies": {} }')

  const { stderr } = await clone.run('aquifer.mjs')

  expect(stderr).toContain('up to date')
  expect(await clone.calls()).toBe(2)
})

test('aquifer passes arguments and exit code on, and names the configuration', async () => {
  await using clone = await setup()

  const { code, stdout } = await clone.run('aquifer.mjs', 'check', '--to', 'head')

  const config = join(clone.path, 'packages', 'db', 'aquifer.config.ts')
  expect(JSON.parse(stdout)).toEqual(['--config', config, 'check', '--to', 'head'])
  expect(code).toBe(4)
})

test('aquifer leaves a chosen configuration alone', async () => {
  await using clone = await setup()

  const { stdout } = await clone.run('aquifer.mjs', 'check', '--config', 'mine.ts')

  expect(JSON.parse(stdout)).toEqual(['check', '--config', 'mine.ts'])
})

test('a failed installation ends with one explanation and the place of the log', async () => {
  await using clone = await setup('echo "npm error code ENOTFOUND" >&2; exit 1')

  const { code, stderr } = await clone.run('start.mjs')

  expect(code).toBe(1)
  expect(stderr).toContain('the package registry cannot be reached')
  expect(stderr).toContain('.aquifer/logs/install.log')
  expect(await readFile(join(clone.path, '.aquifer', 'logs', 'install.log'), 'utf8')).toContain(
    'ENOTFOUND',
  )
})

test('a failed installation is tried again by the next call', async () => {
  await using clone = await setup('exit 1')
  await clone.run('aquifer.mjs')
  await clone.write('bin/npx', `#!/bin/sh\n${installs}`)

  const { code } = await clone.run('aquifer.mjs')

  expect(code).toBe(4)
})

test('a call during an installation waits for it and does not install again', async () => {
  await using clone = await setup(`while [ ! -e go ]; do sleep 0.05; done; ${installs}`)
  const first = clone.run('aquifer.mjs')
  await vi.waitFor(async () => expect(await clone.calls()).toBe(1), 10_000)

  const second = await clone.run('aquifer.mjs', (stderr) => {
    if (stderr.includes('Waiting for process')) void clone.write('go', '')
  })

  expect([(await first).code, second.code]).toEqual([4, 4])
  expect(await clone.calls()).toBe(1)
})

test('the lock of a killed installation is taken over', async () => {
  await using clone = await setup()
  const deadPid = 2 ** 22 + 1
  await clone.write('.aquifer/install.lock', String(deadPid))

  const { code } = await clone.run('aquifer.mjs')

  expect(code).toBe(4)
})

test('npm test sums up the packages that ran, and fails for one that left no results', async () => {
  const results = {
    numPassedTests: 3,
    numFailedTests: 0,
    numPendingTests: 1,
    numTodoTests: 0,
    testResults: [],
  }
  const task = { task: 'test', command: 'vitest run' }
  const summary = {
    tasks: [
      { ...task, package: 'a', directory: 'packages/a', execution: { exitCode: 0 } },
      { ...task, package: 'b', directory: 'packages/b', execution: { exitCode: 134 } },
      { ...task, package: 'c', directory: 'packages/c', command: '<NONEXISTENT>' },
    ],
  }
  await using clone = await setup(`
    case "$*" in *install*) ${installs}; exit;; esac
    mkdir -p .turbo/runs
    echo '${JSON.stringify(summary)}' > .turbo/runs/1.json
    echo '${JSON.stringify(results)}' > packages/a/test-results.json
    exit 1`)
  await clone.write('packages/b/test-results.json', JSON.stringify(results))
  await clone.write('packages/b/package.json', '{ "name": "b" }')

  const { code, stdout } = await clone.run('test.mjs', '--filter=a')

  expect(stdout).toBe('failed: b ended without results\n3 passed, 1 failed, 1 skipped\n')
  expect(code).toBe(1)
  expect(await readFile(join(clone.path, 'calls'), 'utf8')).toContain('run test --continue')
})
