import type { Finding } from '../check.ts'
import { firstMissingLine } from './compare.ts'
import type { Block } from './page.ts'
import type { BackgroundCommand, Shell } from './shell.ts'

const COMMAND_TIMEOUT_MS = 180_000
const STOP_TIMEOUT_MS = 15_000
const LAST_LINES = 12

/** One command of a block and the lines that it must print. */
interface Step {
  readonly line: number
  readonly command: string
  readonly expected: string
}

/**
 * Runs the `sh` and `console` blocks of one page in one shell, from top to bottom; the first that
 * fails ends the page. `port` stands where the page says 3000, so that the page can run beside a
 * product that runs already.
 */
export async function runConsole(
  blocks: readonly Block[],
  shell: Shell,
  port: number,
): Promise<Finding[]> {
  const running: { step: Step; page: string; command: BackgroundCommand }[] = []
  const findings: Finding[] = []
  for (const block of blocks) {
    for (const step of stepsOf(block)) {
      const ported = { ...step, command: step.command.replaceAll(':3000', `:${port}`) }
      const shown = (output: string) => output.replaceAll(`:${port}`, ':3000')
      const complaint = block.background
        ? await startStep(ported, shell, shown, (command) =>
            running.push({ step, page: block.page, command }),
          )
        : await runStep(ported, shell, shown)
      if (complaint) findings.push({ file: block.page, line: step.line, message: complaint })
    }
    if (findings.length > 0) break
  }
  for (const { step, page, command } of running.reverse()) {
    if (await command.stop(STOP_TIMEOUT_MS)) continue
    const message = `\`${step.command}\` did not end within ${STOP_TIMEOUT_MS / 1000} s of Ctrl-C`
    findings.push({ file: page, line: step.line, message })
  }
  return findings
}

/** A `console` block marks its commands with `$ `; all of an `sh` block is one command. */
function stepsOf({ kind, content, line }: Block): Step[] {
  if (kind === 'shell') return [{ line, command: content, expected: '' }]
  const steps: { line: number; command: string; expected: string }[] = []
  content.split('\n').forEach((text, index) => {
    const last = steps.at(-1)
    if (text.startsWith('$ ')) {
      steps.push({ line: line + index + 1, command: text.slice(2), expected: '' })
    } else if (last?.command.endsWith('\\')) {
      last.command += `\n${text.replace(/^> /, '')}`
    } else if (last) {
      last.expected += `${text}\n`
    }
  })
  return steps
}

async function runStep(step: Step, shell: Shell, shown: (output: string) => string) {
  const { output, exitCode } = await shell.run(step.command, COMMAND_TIMEOUT_MS)
  if (exitCode === undefined) {
    return `\`${step.command}\` did not end within ${COMMAND_TIMEOUT_MS / 1000} s; mark the block \`background\` if it is meant to go on`
  }
  if (exitCode !== 0) {
    return `\`${step.command}\` ended with exit code ${exitCode}${lastLines(shown(output))}`
  }
  return missing(step, shown(output))
}

async function startStep(
  step: Step,
  shell: Shell,
  shown: (output: string) => string,
  onStart: (command: BackgroundCommand) => void,
) {
  const command = shell.start(step.command)
  onStart(command)
  const complete = (output: string) => firstMissingLine(step.expected, shown(output)) === undefined
  if (await command.outputSatisfies(complete, COMMAND_TIMEOUT_MS)) return undefined
  return missing(step, shown(command.output))
}

function missing({ command, expected }: Step, output: string): string | undefined {
  const line = firstMissingLine(expected, output)
  if (line === undefined) return undefined
  return `\`${command}\` does not print "${line.trim()}"${lastLines(output)}`
}

function lastLines(output: string): string {
  const lines = output.trimEnd().split('\n').slice(-LAST_LINES)
  return lines.join('') === '' ? ', it prints nothing' : `:\n${indent(lines)}`
}

function indent(lines: readonly string[]): string {
  return lines.map((line) => `      | ${line}`).join('\n')
}
