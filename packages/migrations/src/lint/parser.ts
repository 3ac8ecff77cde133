import { createRequire } from 'node:module'
import type { Node } from 'libpg-query'

/** One statement of a text; offsets count the bytes of its UTF-8 form. */
export interface ParsedStatement {
  readonly node: Node
  /** Where the statement itself begins, after white space and comments. */
  readonly start: number
  /** Behind its last byte; what follows may be a semicolon. */
  readonly end: number
}

/** Why a text is no SQL, and where. */
export interface ParseFailure {
  readonly message: string
  /** Counted in characters, not bytes. */
  readonly character: number
  /** Whether it is the parser that could not go on, though the text may be right. */
  readonly tooDeep: boolean
}

/** A word, sign or comment of a text; offsets count bytes. */
export interface Token {
  readonly start: number
  readonly end: number
  readonly text: string
  readonly comment: boolean
}

/** PostgreSQL's own parser. */
export interface Parser {
  parse(text: string): readonly ParsedStatement[] | ParseFailure
  /** The tokens of a text; undefined if it ends within a string or comment. */
  scan(text: string): readonly Token[] | undefined
  /** The parse tree of the body of a `create function ... language plpgsql` or `do`; a message if it cannot be read. */
  parsePlpgsql(text: string): { readonly tree: unknown } | { readonly message: string }
}

/** Whether a parse came to nothing. */
export function isFailure<T extends object>(result: T | ParseFailure): result is ParseFailure {
  return 'character' in result
}

/** Loads the parser, which takes about 50 ms the first time. */
export async function openParser(): Promise<Parser> {
  const library = loadLibrary()
  const { loadModule, parseSync, scanSync, parsePlPgSQLSync, hasSqlDetails } = library
  await loadModule()

  return {
    parse(text) {
      // The parser's strings end at a NUL: what is behind it would be passed over.
      const nul = text.indexOf('\0')
      if (nul >= 0) {
        return {
          message: 'a NUL character',
          character: [...text.slice(0, nul)].length,
          tooDeep: false,
        }
      }
      if (text === '') return []
      if (isWornOut(library)) return WORN_OUT
      try {
        const bytes = Buffer.byteLength(text)
        return (parseSync(text).stmts ?? []).flatMap(
          ({ stmt, stmt_location: at = 0, stmt_len: length }) =>
            stmt === undefined
              ? []
              : [{ node: stmt, start: at, end: length === undefined ? bytes : at + length }],
        )
      } catch (error) {
        noteTrap(library, error)
        return failureOf(error, hasSqlDetails(error) ? error.sqlDetails?.cursorPosition : undefined)
      }
    },
    scan(text) {
      if (text === '' || isWornOut(library)) return text === '' ? [] : undefined
      try {
        return scanSync(text).tokens.map(({ start, end, text: word, tokenName }) => ({
          start,
          end,
          text: word,
          comment: tokenName === 'SQL_COMMENT' || tokenName === 'C_COMMENT',
        }))
      } catch (error) {
        noteTrap(library, error)
        return undefined
      }
    },
    parsePlpgsql(text) {
      if (isWornOut(library)) return { message: WORN_OUT.message }
      try {
        return { tree: parsePlPgSQLSync(text) }
      } catch (error) {
        noteTrap(library, error)
        return { message: messageOf(error) }
      }
    },
  }
}

type Library = typeof import('libpg-query')

/**
 * How often a statement was nested too deeply for a library: each time some of its own stack stays behind, and once none is left it writes
 * over its own memory and may never return. That takes some thirty times.
 */
const traps = new WeakMap<Library, number>()
const MOST_TRAPS = 4

const WORN_OUT: ParseFailure = {
  message: 'statements before this one were nested too deeply',
  character: 0,
  tooDeep: true,
}

function noteTrap(library: Library, error: unknown): void {
  if (!(error instanceof RangeError || isWasmTrap(error))) return
  traps.set(library, (traps.get(library) ?? 0) + 1)
}

/** `WebAssembly.RuntimeError`, which has no type without those of browsers. */
function isWasmTrap(error: unknown): boolean {
  return error instanceof Error && error.name === 'RuntimeError'
}

function isWornOut(library: Library): boolean {
  return (traps.get(library) ?? 0) >= MOST_TRAPS
}

function loadLibrary(): Library {
  const require = createRequire(import.meta.url)
  const library: Library = require('libpg-query')
  if (!traps.has(library)) return library
  for (const part of ['libpg-query', 'libpg-query/wasm/libpg-query.js']) {
    delete require.cache[require.resolve(part)]
  }
  return require('libpg-query')
}

function failureOf(error: unknown, character = 0): ParseFailure {
  const tooDeep =
    !(error instanceof Error) ||
    error.name !== 'SqlError' ||
    /memory exhausted|stack depth/.test(error.message)
  return { message: messageOf(error), character, tooDeep }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
