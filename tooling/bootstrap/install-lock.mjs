import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { root } from './workspace.mjs'

const lockFile = join(root, '.aquifer', 'install.lock')

/**
 * Runs `action` while no other start, test or check of this clone installs. The lock of a process
 * that was killed is taken over.
 */
export async function withInstallLock(action, say) {
  mkdirSync(dirname(lockFile), { recursive: true })
  for (let said = false; !tryLock(); ) {
    const holder = readHolder()
    if (!isRunning(holder)) {
      rmSync(lockFile, { force: true })
      continue
    }
    if (!said) say(`Waiting for process ${holder}, which is installing packages.`)
    said = true
    await delay(200)
  }
  try {
    return await action()
  } finally {
    rmSync(lockFile, { force: true })
  }
}

function tryLock() {
  try {
    writeFileSync(lockFile, String(process.pid), { flag: 'wx' })
    return true
  } catch (error) {
    if (error.code === 'EEXIST') return false
    throw error
  }
}

function readHolder() {
  try {
    return Number(readFileSync(lockFile, 'utf8'))
  } catch {
    return 0
  }
}

function isRunning(pid) {
  if (!(pid > 0)) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}
