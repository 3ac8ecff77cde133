/**
 * The single statements of a text, without the semicolons between them. The server runs a text of several statements to its end even
 * if its client is gone; one at a time, it stops where the client stopped.
 *
 * @returns the text itself if it holds one statement; empty if it holds nothing but space and comments
 * @see "Lexical Structure" in the PostgreSQL documentation
 */
export function splitStatements(text: string): string[] {
  if (!text.includes(';')) return isBlank(text) ? [] : [text]
  const parts: string[] = []
  let from = 0
  for (const at of semicolons(text)) {
    parts.push(text.slice(from, at))
    from = at + 1
  }
  parts.push(text.slice(from))
  return parts.map((part) => part.trim()).filter((part) => !isBlank(part))
}

/** The words of a text that are neither in a string nor in a comment, in lower case; quoted names keep their quotes and their case. */
export function wordsOf(text: string): string[] {
  const words: string[] = []
  for (const { kind, token } of tokens(text)) {
    if (kind === 'word') words.push(token.toLowerCase())
    if (kind === 'quoted' || kind === 'mark') words.push(token)
  }
  return words
}

interface Token {
  readonly kind: 'word' | 'quoted' | 'literal' | 'comment' | 'mark'
  readonly token: string
  readonly at: number
}

const NEXT =
  /[eE]'(?:[^'\\]|\\[\s\S]|'')*'?|'(?:[^']|'')*'?|(?<quoted>"(?:[^"]|"")*"?)|--[^\n]*|\/\*|(?<dollar>\$(?:[\p{L}_][\p{L}\d_]*)?\$)|(?<word>[\p{L}_][\p{L}\d_$]*)|(?<mark>[^\s\p{L}_'"])/gu

function* tokens(text: string): Generator<Token> {
  const next = new RegExp(NEXT)
  for (let found = next.exec(text); found !== null; found = next.exec(text)) {
    const { 0: token, index: at, groups = {} } = found
    if (groups.word !== undefined) yield { kind: 'word', token, at }
    else if (groups.quoted !== undefined) yield { kind: 'quoted', token, at }
    else if (groups.dollar !== undefined) {
      const end = text.indexOf(token, at + token.length)
      next.lastIndex = end < 0 ? text.length : end + token.length
      yield { kind: 'literal', token, at }
    } else if (token === '/*') {
      next.lastIndex = endOfComment(text, at + 2)
      yield { kind: 'comment', token, at }
    } else if (token.startsWith('--')) yield { kind: 'comment', token, at }
    else yield { kind: groups.mark === undefined ? 'literal' : 'mark', token, at }
  }
}

/** Those that end a statement: not in parentheses, and not in the body of a function that is written as BEGIN ATOMIC ... END. */
function* semicolons(text: string): Generator<number> {
  let parentheses = 0
  let blocks = 0
  let before = ''
  for (const { kind, token, at } of tokens(text)) {
    const word = kind === 'word' ? token.toLowerCase() : token
    if (kind === 'mark') {
      if (token === '(') parentheses += 1
      if (token === ')') parentheses -= 1
      if (token === ';' && parentheses <= 0 && blocks === 0) yield at
    } else if (word === 'atomic' && before === 'begin') blocks = 1
    else if (word === 'case' && blocks > 0) blocks += 1
    else if (word === 'end' && blocks > 0) blocks -= 1
    if (kind !== 'comment') before = word
  }
}

/** Comments nest. */
function endOfComment(text: string, start: number): number {
  const mark = /\/\*|\*\//g
  mark.lastIndex = start
  for (let depth = 1; depth > 0; ) {
    const found = mark.exec(text)
    if (found === null) return text.length
    depth += found[0] === '/*' ? 1 : -1
  }
  return mark.lastIndex
}

function isBlank(text: string): boolean {
  for (const { kind } of tokens(text)) if (kind !== 'comment') return false
  return true
}
