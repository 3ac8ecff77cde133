import { type Ignore, parseIgnore } from './ignore.ts'
import {
  isFailure,
  type ParsedStatement,
  type ParseFailure,
  type Parser,
  type Token,
} from './parser.ts'
import { withoutPsql } from './psql-text.ts'
import type { Trouble } from './statement.ts'
import { TextMap } from './text-map.ts'

/** A statement in its text; `start` and `end` are indexes of the string. */
export interface ReadStatement {
  readonly parsed: ParsedStatement
  readonly start: number
  readonly end: number
  /** The index of a byte that a node of its tree names. */
  readonly indexOf: (byte: number) => number
  readonly ignores: readonly Ignore[]
}

/** What can be read of a text. */
export interface ReadSql {
  readonly statements: readonly ReadStatement[]
  readonly troubles: readonly (Omit<Trouble, 'position'> & { readonly index: number })[]
}

interface Piece {
  readonly text: string
  /** In bytes, from the start of the whole. */
  readonly start: number
}

/** Reads SQL. What cannot be parsed is told and the rest is read all the same. */
export function readSql(parser: Parser, original: string): ReadSql {
  const map = new TextMap(original)
  const whole = parser.parse(original)
  if (!isFailure(whole)) return { statements: withIgnores(parser, map, whole), troubles: [] }

  const { text, hidden } = withoutPsql(map)
  // Without psql's parts the bytes may lie elsewhere: only the indexes are the same.
  const plain = new TextMap(text)
  const statements: ParsedStatement[] = []
  const troubles: (Omit<Trouble, 'position'> & { index: number })[] = hidden.map(
    ({ index, command }) => ({
      rule: 'unreadable-sql',
      message: `${command} runs statements that are not in this file`,
      index,
      text: command,
      ignores: [],
    }),
  )
  for (const piece of piecesOf(parser, text)) {
    const result = parser.parse(piece.text)
    if (isFailure(result)) {
      troubles.push(troubleOf(result, piece, plain))
      continue
    }
    statements.push(
      ...result.map(({ node, start, end }) => ({
        node: moved(node, piece.start),
        start: start + piece.start,
        end: end + piece.start,
      })),
    )
  }
  return { statements: withIgnores(parser, plain, statements), troubles }
}

function troubleOf(failure: ParseFailure, piece: Piece, map: TextMap) {
  const within = new TextMap(piece.text)
  const at = within.indexOfCharacter(failure.character)
  return {
    rule: failure.tooDeep ? ('unreadable-sql' as const) : ('syntax-error' as const),
    message: failure.tooDeep ? 'the statement is nested too deeply to be read' : failure.message,
    index: map.index(piece.start) + Math.min(at, piece.text.trimEnd().length),
    text: piece.text.trim(),
    ignores: [],
  }
}

/** The text cut at its semicolons; whole if it cannot be cut. */
function piecesOf(parser: Parser, text: string): Piece[] {
  const tokens = parser.scan(text)
  if (tokens === undefined) return [{ text, start: 0 }]
  const bytes = Buffer.from(text)
  const pieces: Piece[] = []
  let start: number | undefined
  let depth = 0
  let previous = ''
  const cut = (from: number, to: number) =>
    pieces.push({ text: bytes.subarray(from, to).toString(), start: from })
  for (const token of tokens) {
    if (token.comment) continue
    start ??= token.start
    const word = token.text.toLowerCase()
    depth = Math.max(0, depth + nesting(word, previous, depth))
    previous = word
    if (word !== ';' || depth > 0) continue
    if (token.start > start) cut(start, token.start)
    start = undefined
  }
  if (start !== undefined) cut(start, bytes.length)
  return pieces
}

/** Within parentheses and `begin atomic ... end` a semicolon ends nothing. */
function nesting(word: string, previous: string, depth: number): number {
  if (word === '(' || (word === 'atomic' && previous === 'begin')) return 1
  if (word === ')') return -1
  if (depth === 0) return 0
  if (word === 'case') return 1
  return word === 'end' ? -1 : 0
}

/** Gives each statement the comments in it, behind it on its last line, and before it. */
function withIgnores(
  parser: Parser,
  map: TextMap,
  statements: readonly ParsedStatement[],
): ReadStatement[] {
  const ignores = new Map<ParsedStatement, Ignore[]>()
  for (const { token, ignore } of ignoresIn(parser, map)) {
    const owner = ownerOf(token, statements, map)
    if (owner !== undefined) ignores.set(owner, [...(ignores.get(owner) ?? []), ignore])
  }
  return statements.map((parsed) => ({
    parsed,
    start: map.index(parsed.start),
    end: map.index(parsed.end),
    indexOf: (byte: number) => map.index(byte),
    ignores: ignores.get(parsed) ?? [],
  }))
}

function ownerOf(
  comment: Token,
  statements: readonly ParsedStatement[],
  map: TextMap,
): ParsedStatement | undefined {
  const lineOf = (byte: number) => map.position(map.index(byte)).line
  const next = statements.findIndex(({ end }) => comment.start < end)
  const before = statements.at(next < 0 ? -1 : next - 1)
  const after = statements[next]
  if (after !== undefined && comment.start >= after.start) return after
  const trails = next !== 0 && before !== undefined && lineOf(before.end) === lineOf(comment.start)
  return trails ? before : after
}

function ignoresIn(parser: Parser, map: TextMap): { token: Token; ignore: Ignore }[] {
  if (!map.text.includes('aquifer-lint-ignore')) return []
  const tokens = parser.scan(map.text) ?? []
  return tokens.flatMap((token) => {
    if (!token.comment) return []
    const ignore = parseIgnore(token.text, map.position(map.index(token.start)))
    return ignore === undefined ? [] : [{ token, ignore }]
  })
}

/** The tree of a piece with its places counted from the start of the whole. */
function moved<T>(tree: T, by: number): T {
  if (by === 0) return tree
  const open: unknown[] = [tree]
  while (open.length > 0) {
    const next = open.pop()
    if (typeof next !== 'object' || next === null) continue
    const record = next as Record<string, unknown>
    for (const [key, value] of Object.entries(record)) {
      if (key === 'location' && typeof value === 'number' && value >= 0) record[key] = value + by
      else open.push(value)
    }
  }
  return tree
}
