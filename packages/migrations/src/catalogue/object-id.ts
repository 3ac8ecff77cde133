import { quoteName } from './quote.ts'

/** What can be told apart in a catalogue. */
export type ObjectKind =
  | 'schema'
  | 'extension'
  | 'type'
  | 'sequence'
  | 'routine'
  | 'table'
  | 'column'
  | 'default'
  | 'constraint'
  | 'index'
  | 'view'
  | 'trigger'
  | 'policy'

/**
 * The id of an object: its kind and its names, from the outermost on, as in `column public.users.email` or
 * `constraint public.users.users_pkey`. A routine's last name is followed by its signature.
 */
export function objectId(kind: ObjectKind, ...names: readonly string[]): string {
  return `${kind} ${names.map(quoteName).join('.')}`
}

/** The id of a routine. */
export function routineId(schema: string, name: string, signature: string): string {
  return `${objectId('routine', schema, name)}(${signature})`
}
