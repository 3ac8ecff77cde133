import type { DefElem } from 'libpg-query'
import { type AnyNode, asAny, constantOf, namesIn } from './parse-node.ts'
import { isFailure, type Parser } from './parser.ts'
import { TextMap } from './text-map.ts'

/** A statement in the body of another; places are indexes of the outer statement's text. */
export interface EmbeddedStatement {
  readonly node: AnyNode
  readonly text: string
  readonly index: number
  /** The place of a byte that a node of its tree names. */
  readonly indexOf: (byte: number) => number
}

/** What lies in the bodies of a statement. */
export interface Embedded {
  /** Run together with it; those of a function are not. */
  readonly statements: readonly EmbeddedStatement[]
  readonly troubles: readonly {
    readonly rule: 'syntax-error' | 'unreadable-sql'
    readonly message: string
    readonly index: number
  }[]
}

const NOTHING: Embedded = { statements: [], troubles: [] }

/** Reads the body of DO, CREATE FUNCTION and CREATE PROCEDURE. */
export function embeddedIn(parser: Parser, node: AnyNode, text: string): Embedded {
  const { DoStmt, CreateFunctionStmt } = node
  const options = DoStmt?.args ?? CreateFunctionStmt?.options
  if (options === undefined) return NOTHING
  const body = option(options, 'as')
  const language = (option(options, 'language') ?? (DoStmt ? 'plpgsql' : '')).toLowerCase()
  if (body === undefined) return NOTHING
  // A body in quotes of its own may be spelled otherwise than it reads: then only its beginning is known.
  const found = text.indexOf(body)
  const start = Math.max(found, 0)

  if (language === 'sql' && CreateFunctionStmt !== undefined) {
    const result = parser.parse(body)
    if (!isFailure(result) || result.tooDeep) return NOTHING
    const at = found < 0 ? 0 : start + new TextMap(body).indexOfCharacter(result.character)
    return {
      statements: [],
      troubles: [{ rule: 'syntax-error', message: result.message, index: at }],
    }
  }
  if (language !== 'plpgsql') {
    const message = `what this block of ${language} runs cannot be read`
    return DoStmt === undefined
      ? NOTHING
      : { statements: [], troubles: [{ rule: 'unreadable-sql', message, index: 0 }] }
  }
  const parsed = parser.parsePlpgsql(text)
  if ('message' in parsed) return troubleOf(parsed.message, DoStmt !== undefined, start)
  if (DoStmt === undefined) return NOTHING
  return statementsOf(parser, parsed.tree, found < 0 ? '' : body, start)
}

/** What the parser refuses may be known to the server, such as a type; syntax it knows. */
function troubleOf(message: string, runs: boolean, index: number): Embedded {
  if (/syntax error|unexpected end|^missing |mismatched/.test(message)) {
    return { statements: [], troubles: [{ rule: 'syntax-error', message, index }] }
  }
  const unread = `what this block runs cannot be read: ${message}`
  return runs
    ? { statements: [], troubles: [{ rule: 'unreadable-sql', message: unread, index: 0 }] }
    : NOTHING
}

function statementsOf(parser: Parser, tree: unknown, body: string, start: number): Embedded {
  const map = new TextMap(body)
  const statements: EmbeddedStatement[] = []
  const troubles: Embedded['troubles'][number][] = []
  for (const { kind, query, line } of commandsIn(tree)) {
    const from = map.lineStart(line)
    const found = query === '' ? -1 : body.indexOf(query, from)
    const index = start + Math.max(found < 0 ? firstWord(body, from) : found, 0)
    const sql = kind === 'static' ? query : constantText(parser, query)
    const result = sql === undefined ? undefined : parser.parse(sql)
    if (sql === undefined || result === undefined || isFailure(result)) {
      const message = 'what EXECUTE runs is put together when it runs'
      if (kind === 'dynamic') troubles.push({ rule: 'unreadable-sql', message, index })
      continue
    }
    const within = new TextMap(sql)
    for (const { node, start: byte, end } of result) {
      // In a string that EXECUTE runs quotes are doubled: only where it begins is sure.
      const indexOf = (at: number) =>
        kind === 'static' && found >= 0 ? index + within.index(at) : index
      const text = within.slice(byte, end).trim()
      statements.push({ node: asAny(node), text, index: indexOf(byte), indexOf })
    }
  }
  return { statements, troubles }
}

interface Command {
  readonly kind: 'static' | 'dynamic'
  readonly query: string
  /** Of the body, from 1. */
  readonly line: number
}

/** The SQL of a PL/pgSQL tree, in the order in which it stands. */
function* commandsIn(tree: unknown, line = 1): Generator<Command> {
  if (typeof tree !== 'object' || tree === null) return
  for (const [key, value] of Object.entries(tree)) {
    const own = (value as { lineno?: unknown } | null)?.lineno
    const at = typeof own === 'number' ? own : line
    const part = value as Record<string, { PLpgSQL_expr?: { query?: string } } | undefined>
    if (key === 'PLpgSQL_stmt_execsql') {
      yield { kind: 'static', query: part.sqlstmt?.PLpgSQL_expr?.query ?? '', line: at }
    } else if (key === 'PLpgSQL_stmt_dynexecute') {
      yield { kind: 'dynamic', query: part.query?.PLpgSQL_expr?.query ?? '', line: at }
    } else {
      yield* commandsIn(value, at)
    }
  }
}

/** The text that an expression stands for, if it is a constant. */
function constantText(parser: Parser, expression: string): string | undefined {
  const result = parser.parse(`select ${expression}`)
  if (isFailure(result)) return undefined
  const target = asAny(result[0]?.node).SelectStmt?.targetList?.[0]
  return constantOf(asAny(target).ResTarget?.val)
}

function firstWord(body: string, from: number): number {
  const word = body.slice(from).search(/\S/)
  return word < 0 ? from : from + word
}

function option(options: readonly Parameters<typeof asAny>[0][], name: string): string | undefined {
  const found = options.map((each) => asAny(each).DefElem).find((each) => each?.defname === name)
  return found === undefined ? undefined : textOf(found)
}

function textOf({ arg }: DefElem): string | undefined {
  const { String: text, List: list } = asAny(arg)
  return text?.sval ?? namesIn(list?.items)[0]
}
