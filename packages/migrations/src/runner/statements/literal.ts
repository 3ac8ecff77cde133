import { UsageError } from '@aquifer/core'

/**
 * A statement with its parameters written into it, for a script that another program runs.
 *
 * @throws {UsageError} `LITERAL_IMPOSSIBLE` if a parameter is of a kind that no text stands for
 */
export function withLiterals(text: string, parameters: readonly unknown[]): string {
  const PLACE =
    /[eE]'(?:[^'\\]|\\[\s\S]|'')*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\/|(\$(?:[\p{L}_][\p{L}\d_]*)?\$)[\s\S]*?\1|\$(?<number>\d+)/gu
  return text.replace(PLACE, (token, ...rest) => {
    const { number } = rest.at(-1) as { number?: string }
    return number === undefined ? token : literalOf(parameters[Number(number) - 1])
  })
}

/** @throws {UsageError} `LITERAL_IMPOSSIBLE` */
export function literalOf(value: unknown): string {
  if (value === null || value === undefined) return 'null'
  if (typeof value === 'boolean') return String(value)
  if (typeof value === 'bigint') return String(value)
  if (typeof value === 'number')
    return Number.isFinite(value) ? String(value) : quoted(String(value))
  if (typeof value === 'string') return quoted(value)
  if (value instanceof Date) return quoted(value.toISOString())
  if (value instanceof Uint8Array) return quoted(`\\x${Buffer.from(value).toString('hex')}`)
  if (Array.isArray(value)) return quoted(arrayText(value))
  if (typeof value === 'object') return quoted(JSON.stringify(value))
  throw new UsageError(
    'LITERAL_IMPOSSIBLE',
    `a parameter of type ${typeof value} cannot be written as text`,
  )
}

/** Right whatever standard_conforming_strings is. */
function quoted(text: string): string {
  const inside = text.replaceAll("'", "''")
  return text.includes('\\') ? ` E'${inside.replaceAll('\\', '\\\\')}'` : `'${inside}'`
}

function arrayText(values: readonly unknown[]): string {
  const parts = values.map((value) => {
    if (value === null || value === undefined) return 'NULL'
    if (Array.isArray(value)) return arrayText(value)
    const text =
      value instanceof Date
        ? value.toISOString()
        : typeof value === 'object'
          ? JSON.stringify(value)
          : String(value)
    return `"${text.replaceAll(/["\\]/g, (mark) => `\\${mark}`)}"`
  })
  return `{${parts.join(',')}}`
}
