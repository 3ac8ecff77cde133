import type { View } from '../catalogue/program-object.ts'
import { qualifiedName, quoteName, quoteText } from '../catalogue/quote.ts'
import type { Craft } from './craft.ts'
import { operation } from './operation.ts'
import { changeOptions, quoteOptions } from './quote-list.ts'

/** Views and materialized views. */
export const views: Craft<'view'> = {
  state: ({ value: { materialized, query, columns, options } }) => {
    return { materialized, query, columns, options }
  },
  make: ({ object, value }) =>
    operation('createView', object, {
      sql: [create('create', value), ...columnComments(value)],
      down: [`drop ${kindOf(value)} ${nameOf(value)}`],
    }),
  change: (before, after) => {
    const [from, to] = [before.value, after.value]
    if (from.materialized !== to.materialized || shape(from) !== shape(to)) return 'remake'
    if (from.query !== to.query) {
      if (to.materialized) return 'remake'
      const replace = (view: View) => [
        create('create or replace', view),
        ...columnComments(view, view === to ? from : to),
      ]
      return [operation('replaceView', after.object, { sql: replace(to), down: replace(from) })]
    }
    const alter = (old: View, next: View) => [
      ...changeOptions(`alter ${kindOf(next)} ${nameOf(next)}`, old.options, next.options),
      ...columnComments(next, old),
    ]
    return [operation('alterView', after.object, { sql: alter(from, to), down: alter(to, from) })]
  },
  subject: ({ value }) => `${kindOf(value)} ${nameOf(value)}`,
}

function create(verb: string, view: View): string {
  const options = view.options.length === 0 ? '' : ` with (${quoteOptions(view.options)})`
  const empty = view.materialized && !view.populated ? '\nwith no data' : ''
  return `${verb} ${kindOf(view)} ${nameOf(view)}${options} as\n${view.query}${empty}`
}

function kindOf({ materialized }: View): string {
  return materialized ? 'materialized view' : 'view'
}

function nameOf({ schema, name }: View): string {
  return qualifiedName(schema, name)
}

function shape({ columns }: View): string {
  return JSON.stringify(columns.map(({ name, type }) => [name, type]))
}

function columnComments(view: View, old?: View): string[] {
  return view.columns.flatMap(({ name, comment }) => {
    const former = old?.columns.find((column) => column.name === name)?.comment
    if (former === comment) return []
    const text = comment === undefined ? 'null' : quoteText(comment)
    return [`comment on column ${nameOf(view)}.${quoteName(name)} is ${text}`]
  })
}
