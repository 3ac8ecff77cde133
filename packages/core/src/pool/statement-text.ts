/**
 * The text of a statement without what stands in its strings and comments, so that a word or a semicolon in them is not taken for one of the
 * statement's own. Quoted identifiers keep their names.
 *
 * @see "Lexical Structure" in the PostgreSQL documentation
 */
export function withoutLiterals(text: string): string {
  if (!/['"$]|--|\/\*/.test(text)) return text
  const opening =
    /\b[eE]'(?:[^'\\]|\\[\s\S]|'')*'|'(?:[^']|'')*'|"((?:[^"]|"")*)"|--[^\n]*|\/\*|(?<![\p{L}\d_$])\$(?:[\p{L}_][\p{L}\d_]*)?\$/gu
  let bare = ''
  let at = 0
  for (let found = opening.exec(text); found !== null; found = opening.exec(text)) {
    const [token, identifier] = found
    bare += text.slice(at, found.index) + inPlaceOf(token, identifier)
    at = endOf(text, token, found.index)
    opening.lastIndex = at
  }
  return bare + text.slice(at)
}

function inPlaceOf(token: string, identifier: string | undefined): string {
  if (identifier !== undefined) return identifier
  return token.startsWith('--') || token === '/*' ? ' ' : "''"
}

/** Where what begins with `token` ends; an unfinished one goes to the end of the text. */
function endOf(text: string, token: string, start: number): number {
  const after = start + token.length
  if (token === '/*') return endOfComment(text, after)
  if (!token.startsWith('$')) return after
  const closing = text.indexOf(token, after)
  return closing < 0 ? text.length : closing + token.length
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
