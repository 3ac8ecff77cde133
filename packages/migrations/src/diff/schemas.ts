import { quoteName } from '../catalogue/quote.ts'
import type { Craft } from './craft.ts'
import { operation } from './operation.ts'

/** Schemas. */
export const schemas: Craft<'schema'> = {
  state: ({ value }) => value.name,
  make: ({ object, value }) => {
    const name = quoteName(value.name)
    return operation('createSchema', object, {
      sql: [`create schema ${name}`],
      down: [`drop schema ${name}`],
    })
  },
  change: () => [],
  subject: ({ value }) => `schema ${quoteName(value.name)}`,
}

/** Extensions. Which version is installed is the server's business. */
export const extensions: Craft<'extension'> = {
  state: ({ value }) => value.schema,
  make: ({ object, value }) => {
    const name = quoteName(value.name)
    return operation('createExtension', object, {
      sql: [`create extension ${name} with schema ${quoteName(value.schema)}`],
      down: [`drop extension ${name}`],
    })
  },
  change: (before, after) => {
    const move = (schema: string) =>
      `alter extension ${quoteName(after.value.name)} set schema ${quoteName(schema)}`
    return [
      operation('alterExtension', after.object, {
        sql: [move(after.value.schema)],
        down: [move(before.value.schema)],
      }),
    ]
  },
  subject: ({ value }) => `extension ${quoteName(value.name)}`,
}
