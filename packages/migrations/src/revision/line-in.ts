/** The line of `file` at which an error came up, as far as the stacks of it and its causes tell. */
export function lineIn(file: string, error: unknown): number | undefined {
  if (!(error instanceof Error)) return undefined
  const name = file.slice(Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) + 1)
  const [, line] = (error.stack ?? '').split(`${name}:`, 2)
  const number = Number.parseInt(line ?? '', 10)
  return Number.isNaN(number) ? lineIn(file, error.cause) : number
}
