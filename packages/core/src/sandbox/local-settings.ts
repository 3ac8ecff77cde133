import type { FlightPart } from '../pool/flight-writer.ts'
import type { Statement } from '../pool/statement.ts'
import { ownStatement } from './own-statement.ts'

const SET_LOCAL = /\bset\s+local\s+(time\s+zone|session\s+authorization|schema|"[^"]+"|[\w.]+)/gi
const SET_CONFIG = /\bset_config\s*\(\s*(?:'([^']+)'|\$(\d+))/gi
const SYNONYMS: Readonly<Record<string, string>> = {
  'time zone': 'timezone',
  'session authorization': 'session_authorization',
  schema: 'search_path',
}

/** Settings by name; null was not set. */
export type Settings = ReadonlyMap<string, string | null>

/** The settings that a statement sets by SET LOCAL or set_config; those that a function sets in its body are not seen. */
export function settingsIn(part: FlightPart): readonly string[] {
  if (!('text' in part)) return []
  const { text, values = [] } = part
  const local = [...text.matchAll(SET_LOCAL)].map(([, name = '']) => name)
  const config = [...text.matchAll(SET_CONFIG)].map(
    ([, name, at]) => name ?? String(values[Number(at) - 1]),
  )
  return [...local, ...config].map(canonical)
}

/** Asks how `names` are set; rows are `{ name, value }`. */
export function readSettings(names: readonly string[]): Statement {
  const text =
    'select name, current_setting(name, true) as value from unnest($1::text[]) as asked (name)'
  return ownStatement(text, [names])
}

/** Sets them as they were, until the transaction around ends. */
export function restoreSettings(settings: Settings): Statement {
  // The role first: it may not be allowed to set the others.
  const inOrder = [...settings].sort(([name]) => (name === 'role' ? -1 : 0))
  return ownStatement(
    "select set_config(key, coalesce(value, ''), true) from json_each_text($1::json)",
    [JSON.stringify(Object.fromEntries(inOrder))],
  )
}

function canonical(name: string): string {
  const plain = name.replaceAll('"', '').replace(/\s+/g, ' ').toLowerCase()
  return SYNONYMS[plain] ?? plain
}
