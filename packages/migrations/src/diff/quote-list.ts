import { quoteName } from '../catalogue/quote.ts'

/** Names in a row, as SQL writes them. */
export function quoteNames(names: readonly string[]): string {
  return names.map(quoteName).join(', ')
}

/** Storage parameters as SQL writes them: `fillfactor='70'`. */
export function quoteOptions(options: readonly string[]): string {
  return options
    .map((option) => {
      const at = option.indexOf('=')
      const value = option.slice(at + 1).replaceAll("'", "''")
      return `${option.slice(0, at)} = '${value}'`
    })
    .join(', ')
}

/** The statements that bring the storage parameters of an object from one list to the other. */
export function changeOptions(
  alter: string,
  before: readonly string[],
  after: readonly string[],
): string[] {
  const name = (option: string) => option.slice(0, option.indexOf('='))
  const kept = new Set(after.map(name))
  const set = after.filter((option) => !before.includes(option))
  const reset = before.map(name).filter((option) => !kept.has(option))
  return [
    ...(set.length > 0 ? [`${alter} set (${quoteOptions(set)})`] : []),
    ...(reset.length > 0 ? [`${alter} reset (${reset.join(', ')})`] : []),
  ]
}
