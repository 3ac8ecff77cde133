import { quoteText } from '../catalogue/quote.ts'

/** The statement that says something of an object, or takes it back. */
export function comment(subject: string, text: string | undefined): string {
  return `comment on ${subject} is ${text === undefined ? 'null' : quoteText(text)}`
}
