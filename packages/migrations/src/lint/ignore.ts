import type { Position } from './text-map.ts'

/** A comment that asks for silence about one statement. */
export interface Ignore {
  readonly rules: readonly string[]
  /** Empty if none was given, which makes the comment void. */
  readonly reason: string
  readonly position: Position
}

const DIRECTIVE = /aquifer-lint-ignore(?:\s+([a-z0-9-]+(?:\s*,\s*[a-z0-9-]+)*))?\s*(?::([^\n]*))?/

/** What a comment, in SQL or TypeScript, asks to be ignored; undefined if it is about something else. */
export function parseIgnore(comment: string, position: Position): Ignore | undefined {
  const found = DIRECTIVE.exec(comment)
  if (found === null) return undefined
  const [, rules = '', reason = ''] = found
  return {
    rules: rules
      .split(',')
      .map((rule) => rule.trim())
      .filter((rule) => rule !== ''),
    reason: reason.replace(/\*\/\s*$/, '').trim(),
    position,
  }
}
