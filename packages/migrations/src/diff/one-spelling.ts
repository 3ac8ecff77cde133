const LITERAL = `'(?:[^']|'')*'`
const CAST_ARRAY = new RegExp(`\\(ARRAY\\[((?:${LITERAL}|[^\\]'])*)\\]\\)::text\\[\\]`, 'g')
const CAST_ELEMENT = new RegExp(`\\((${LITERAL})::character varying(?:\\(\\d+\\))?\\)::text`, 'g')
const VARCHAR_LITERAL = new RegExp(`(${LITERAL})::character varying`, 'g')

/**
 * One spelling of what PostgreSQL spells in two ways. It writes `IN` over a varchar as an array that is cast as a whole; given this text
 * again, it writes an array of cast elements, and keeps to it.
 */
export function oneSpelling(text: string): string {
  return text
    .replace(CAST_ARRAY, (_, elements: string) => {
      return `ARRAY[${elements.replace(VARCHAR_LITERAL, '$1::text')}]`
    })
    .replace(CAST_ELEMENT, '$1::text')
}
