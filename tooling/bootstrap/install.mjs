import { spawn, spawnSync } from 'node:child_process'
import { createWriteStream, mkdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { explainInstallFailure, isNetworkTrouble } from './install-failure.mjs'
import { withInstallLock } from './install-lock.mjs'
import { isInstalled, markInstalled, wasInstalled } from './install-stamp.mjs'
import { node24, pinnedPnpm, root } from './workspace.mjs'

const logFile = join(root, '.aquifer', 'logs', 'install.log')

/**
 * Installs the packages if they are missing or not those that the lock file asks for. Ends the
 * process with one clear message if that fails.
 */
export async function ensureInstalled() {
  if (isInstalled()) return
  try {
    await withInstallLock(async () => {
      // Another process may just have done it.
      if (!isInstalled()) await install()
    }, say)
  } catch (error) {
    say(`Could not install the packages: ${explainInstallFailure(error.message)}`)
    if (error instanceof InstallError) say(`All that was said: ${relative(process.cwd(), logFile)}`)
    process.exit(1)
  }
}

/** Carries the output of what failed. */
class InstallError extends Error {}

async function install() {
  say(
    wasInstalled()
      ? 'Bringing the installed packages up to date.'
      : 'Installing packages. This happens once and takes up to a minute.',
  )
  const startedAt = Date.now()
  mkdirSync(dirname(logFile), { recursive: true })
  const code = await runInstaller()
  if (code !== 0) throw new InstallError(readFileSync(logFile, 'utf8'))
  const check = spawnSync(node24, ['--version'], { encoding: 'utf8' })
  if (check.status !== 0) {
    throw new InstallError(`error: ${node24} does not run here: ${check.error || check.stderr}`)
  }
  markInstalled()
  say(`Installed in ${Math.round((Date.now() - startedAt) / 1000)} s.`)
}

function runInstaller() {
  const args = ['--yes', pinnedPnpm(), 'install', '--frozen-lockfile', '--reporter=append-only']
  const log = createWriteStream(logFile)
  // One more try is enough for a network that stumbles; the defaults hide a missing one for minutes.
  const env = { ...process.env, npm_config_fetch_retries: '1', pnpm_config_fetch_retries: '1' }
  return new Promise((resolve) => {
    const child = spawn('npx', args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] })
    let saidTrouble = false
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        log.write(chunk)
        showProgress(chunk.toString())
        if (saidTrouble || !isNetworkTrouble(chunk.toString())) return
        saidTrouble = true
        say('The network does not answer; trying once more.')
      })
    }
    child.on('error', (error) => {
      log.end(`npx, which comes with npm, could not be started: ${error.message}\n`, () =>
        resolve(1),
      )
    })
    child.on('close', (code) => {
      clearProgress()
      log.end(() => resolve(code))
    })
  })
}

/** The standard output belongs to the command that was asked for. */
function say(text) {
  console.error(text)
}

/** One line that changes in place; a file or a pipe gets none of it. */
function showProgress(text) {
  const found = /Progress: resolved (\d+), reused (\d+), downloaded (\d+), added (\d+)/g
  const last = [...text.matchAll(found)].pop()
  if (last === undefined || !process.stderr.isTTY) return
  process.stderr.write(`\r  ${Number(last[2]) + Number(last[3])} of ${last[1]} packages\x1b[K`)
}

function clearProgress() {
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K')
}
