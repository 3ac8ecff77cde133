import { qualifiedName, quoteText } from '../catalogue/quote.ts'
import type { Craft } from './craft.ts'
import type { Part } from './entity.ts'
import { operation } from './operation.ts'

/** Enumerations. A change of their labels is planned by replace-type.ts, which knows who uses them. */
export const enums: Craft<'enum'> = {
  state: ({ value }) => value.values,
  make: ({ object, value }) => {
    const name = qualifiedName(value.schema, value.name)
    return operation('createType', object, {
      sql: [`create type ${name} as enum (${value.values.map(quoteText).join(', ')})`],
      down: [`drop type ${name}`],
    })
  },
  change: () => 'replace',
  subject: ({ value }) => `type ${qualifiedName(value.schema, value.name)}`,
}

/** A label to add, and the statement that does it. */
export interface AddedLabel {
  readonly label: string
  readonly statement: string
}

/** How to add the labels that are new, each beside its neighbour; undefined if others went or moved. */
export function addedLabels(
  before: Part<'enum'>,
  after: Part<'enum'>,
): readonly AddedLabel[] | undefined {
  const labels = after.value.values
  const kept = labels.filter((label) => before.value.values.includes(label))
  if (kept.join('\0') !== before.value.values.join('\0')) return undefined
  const alter = `alter type ${qualifiedName(after.value.schema, after.value.name)} add value`
  const firstKept = labels.findIndex((label) => kept.includes(label))
  const added: AddedLabel[] = []
  // Those before the first old one are added from the last to the first, each before its right neighbour.
  for (let at = firstKept - 1; at >= 0; at -= 1) {
    const [label = '', next = ''] = labels.slice(at, at + 2)
    added.push({ label, statement: `${alter} ${quoteText(label)} before ${quoteText(next)}` })
  }
  for (let at = Math.max(firstKept, 0); at < labels.length; at += 1) {
    const label = labels[at] ?? ''
    if (kept.includes(label)) continue
    const previous = labels[at - 1]
    const place = previous === undefined ? '' : ` after ${quoteText(previous)}`
    added.push({ label, statement: `${alter} ${quoteText(label)}${place}` })
  }
  return added
}
