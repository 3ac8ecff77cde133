import type { Node } from 'libpg-query'
import { asAny, namesIn, nodesIn } from './parse-node.ts'

/** Whether an expression is the same for every row of one statement. */
export type Volatility =
  | { readonly kind: 'same' }
  /** Another value for each row, for certain or, for a function that is not PostgreSQL's own, perhaps. */
  | { readonly kind: 'each' | 'unknown'; readonly call: string }

/** PostgreSQL's functions that give each row another value. */
export const VOLATILE_FUNCTIONS: ReadonlySet<string> = new Set([
  'clock_timestamp',
  'currval',
  'gen_random_uuid',
  'lastval',
  'nextval',
  'random',
  'random_normal',
  'setval',
  'timeofday',
])

/** PostgreSQL's functions that defaults are made of and that do not change within one statement. */
export const STEADY_FUNCTIONS: ReadonlySet<string> = new Set(
  `abs age array_append array_cat array_fill array_length array_position array_remove array_to_json array_to_string
  bit_length btrim cardinality ceil ceiling char_length character_length chr concat concat_ws convert_from convert_to
  current_database current_schema current_setting date_bin date_part date_trunc decode encode exp extract floor format
  greatest hashtext initcap int4range int8range json_array_length json_build_array json_build_object json_object
  jsonb_array_length jsonb_build_array jsonb_build_object jsonb_object jsonb_set justify_days least left length
  localtimestamp lower lpad ltrim make_date make_interval make_time make_timestamp make_timestamptz md5 mod now numrange
  octet_length overlay pg_typeof pi position power quote_ident quote_literal regexp_replace repeat replace reverse right round
  row_to_json rpad rtrim sha256 sign split_part sqrt statement_timestamp strpos substr substring timezone to_char to_date
  to_json to_jsonb to_number to_timestamp to_tsvector transaction_timestamp translate trim trunc tsrange tstzrange
  daterange upper xml_is_well_formed`.split(/\s+/),
)

/** What an expression of a default calls. */
export function volatilityOf(expression: Node): Volatility {
  const calls = [...nodesIn(asAny(expression))].flatMap((node) => {
    const names = namesIn(node.FuncCall?.funcname)
    const name = names.at(-1)
    return name === undefined
      ? []
      : [{ name, own: names.length === 1 || names[0] === 'pg_catalog' }]
  })
  const each = calls.find(({ name, own }) => own && VOLATILE_FUNCTIONS.has(name))
  if (each !== undefined) return { kind: 'each', call: each.name }
  const unknown = calls.find(({ name, own }) => !own || !STEADY_FUNCTIONS.has(name))
  return unknown === undefined ? { kind: 'same' } : { kind: 'unknown', call: unknown.name }
}
