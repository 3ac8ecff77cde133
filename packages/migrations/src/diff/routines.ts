import type { Routine } from '../catalogue/program-object.ts'
import { qualifiedName } from '../catalogue/quote.ts'
import type { Craft } from './craft.ts'
import { operation } from './operation.ts'

const WORDS: Readonly<Record<Routine['type'], string>> = {
  function: 'function',
  window: 'function',
  procedure: 'procedure',
  aggregate: 'aggregate',
}

/** Functions, procedures and aggregates. */
export const routines: Craft<'routine'> = {
  state: ({ value }) => value.definition,
  make: ({ object, value }) =>
    operation('createRoutine', object, {
      sql: [value.definition],
      down: [`drop ${subject(value)}`],
    }),
  change: (before, after) => {
    if (interfaceOf(before.value) !== interfaceOf(after.value)) return 'remake'
    const statements = { sql: [after.value.definition], down: [before.value.definition] }
    return [operation('replaceRoutine', after.object, statements)]
  },
  subject: ({ value }) => subject(value),
}

function subject({ schema, name, type, signature }: Routine): string {
  const none = type === 'aggregate' ? '*' : ''
  return `${WORDS[type]} ${qualifiedName(schema, name)}(${signature || none})`
}

/** What CREATE OR REPLACE cannot change. */
function interfaceOf({ type, arguments: args, result }: Routine): string {
  return JSON.stringify([type, args, result])
}
