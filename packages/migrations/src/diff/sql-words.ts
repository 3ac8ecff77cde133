import { quoteName, quoteText } from '../catalogue/quote.ts'

interface Word {
  /** As it is written. */
  text: string
  /** The name, if it is one. */
  readonly name?: string
  /** The value, if it is a literal. */
  readonly literal?: string
}

const PATTERN =
  /'(?:[^']|'')*'|\$(\w*)\$[\s\S]*?\$\1\$|"(?:[^"]|"")*"|[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*|::|[\s\S]/g

/** Splits a text that the server has written. */
function wordsOf(text: string): Word[] {
  return (text.match(PATTERN) ?? []).map((word) => {
    if (word.startsWith('"') && word.length > 1) {
      return { text: word, name: word.slice(1, -1).replaceAll('""', '"') }
    }
    if (word.startsWith("'") && word.length > 1) {
      return { text: word, literal: word.slice(1, -1).replaceAll("''", "'") }
    }
    return /^[A-Za-z_\u0080-\uffff]/.test(word) ? { text: word, name: word } : { text: word }
  })
}

/** Gives a table its new name wherever a text names it with its schema, or a column after it. */
export function renameTableIn(text: string, schema: string, from: string, to: string): string {
  const words = wordsOf(text)
  for (const [at, word] of words.entries()) {
    if (word.name !== from) continue
    const qualified = words[at - 1]?.text === '.' && words[at - 2]?.name === schema
    const qualifies = words[at + 1]?.text === '.' && words[at - 1]?.text !== '.'
    if (qualified || qualifies) word.text = quoteName(to)
  }
  return words.map((word) => word.text).join('')
}

/** Gives a column its new name wherever a text that speaks of its table names it. */
export function renameColumnIn(text: string, from: string, to: string): string {
  const words = wordsOf(text)
  for (const [at, word] of words.entries()) {
    if (word.name !== from) continue
    const [previous, next] = [words[at - 1]?.text, words[at + 1]?.text]
    if (previous !== '::' && next !== '(' && next !== '.') word.text = quoteName(to)
  }
  return words.map((word) => word.text).join('')
}

/** Gives a label its new name wherever a text has it as a value of its type. */
export function renameLabelIn(
  text: string,
  type: { readonly schema: string; readonly name: string },
  label: { readonly from: string; readonly to: string },
): string {
  const words = wordsOf(text)
  for (const [at, word] of words.entries()) {
    if (word.literal === undefined || words[at + 1]?.text !== '::') continue
    if (words[at + 2]?.name !== type.schema || words[at + 4]?.name !== type.name) continue
    if (words[at + 5]?.text === '[') word.text = quoteText(renameElement(word.literal, label))
    else if (word.literal === label.from) word.text = quoteText(label.to)
  }
  return words.map((word) => word.text).join('')
}

/** An array as the server writes it: `{sad,"very sad"}`. */
function renameElement(array: string, { from, to }: { from: string; to: string }): string {
  return array.replace(/"(?:[^"\\]|\\.)*"|[^{},]+/g, (element) => {
    const value = element.startsWith('"') ? element.slice(1, -1).replace(/\\(.)/g, '$1') : element
    if (value !== from) return element
    return /^[\w-]+$/.test(to) ? to : `"${to.replace(/["\\]/g, '\\$&')}"`
  })
}
