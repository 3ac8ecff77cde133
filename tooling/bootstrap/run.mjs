import { spawn } from 'node:child_process'
import { node24, root } from './workspace.mjs'

/**
 * Runs a script of the project on its own Node and ends with it, in the same way: with its exit
 * code, or by the signal that ended it. Signals sent to this process are passed on; a script that
 * asks for it (`ipc`) also notices when this process is killed.
 */
export function runScript(script, args, { ipc = false } = {}) {
  const stdio = ipc ? ['inherit', 'inherit', 'inherit', 'ipc'] : 'inherit'
  const child = spawn(node24, [script, ...args], { stdio, env: environment() })
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
  const passOn = (signal) => child.kill(signal)
  for (const signal of signals) process.on(signal, passOn)
  whenParentIsGone(() => child.kill('SIGTERM'))
  child.on('error', (error) => {
    console.error(`${script} could not be started: ${error.message}`)
    process.exit(1)
  })
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code)
    for (const name of signals) process.removeListener(name, passOn)
    process.kill(process.pid, signal)
  })
}

/** npm does not pass on every way in which it is ended; the system then gives us another parent. */
function whenParentIsGone(action) {
  const parent = process.ppid
  const watch = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(watch)
    action()
  }, 1_000)
  watch.unref()
}

/** What a script starts by the name `node` shall be the same one. */
function environment() {
  const separator = process.platform === 'win32' ? ';' : ':'
  return { ...process.env, PATH: `${root}/node_modules/.bin${separator}${process.env.PATH || ''}` }
}
