import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { commandOf, identityOf, isAlive, isRunning } from './process-identity.ts'

test('a process is alive by its identity until it ends', async () => {
  const child = spawn('sleep', ['600'])
  await once(child, 'spawn')
  const pid = child.pid as number
  const identity = (await identityOf(pid)) as string
  expect(await isAlive(identity)).toBe(true)

  child.kill('SIGKILL')
  await once(child, 'exit')

  expect(await isAlive(identity)).toBe(false)
  expect(isRunning(pid)).toBe(false)
})

test('a later process with the same number is another one', async () => {
  const identity = (await identityOf(process.pid)) as string

  expect(await isAlive(identity)).toBe(true)
  expect(await isAlive(`${process.pid}@before`)).toBe(false)
  expect(identity.split('@')[1]).not.toBe((await identityOf(1))?.split('@')[1])
})

test('a command line holds the arguments', async () => {
  const child = spawn('sleep', ['601'])
  await once(child, 'spawn')

  expect(await commandOf(child.pid as number)).toContain('sleep 601')

  child.kill()
})
