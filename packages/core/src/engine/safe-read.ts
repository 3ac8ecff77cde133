import type { OperationNode } from 'kysely'
import { holdsValues } from './value-nodes.ts'

/** Nodes that write, lock, or hide what they do. */
const UNSAFE_KINDS = new Set([
  'RawNode',
  'InsertQueryNode',
  'UpdateQueryNode',
  'DeleteQueryNode',
  'MergeQueryNode',
  'SelectModifierNode',
])

/** Functions that only compute. What is not here may do anything. */
const PURE_FUNCTIONS = new Set(
  `abs any array_agg array_length array_to_json avg bit_and bit_or bool_and bool_or btrim ceil ceiling
  char_length coalesce concat concat_ws count cume_dist current_date current_setting date_part date_trunc dense_rank every extract first_value
  floor greatest initcap json_agg json_build_array json_build_object json_object_agg jsonb_agg jsonb_array_length
  jsonb_build_array jsonb_build_object jsonb_object_agg lag last_value lead least left length lower
  ltrim max md5 min mod mode now nth_value ntile nullif octet_length percent_rank position power
  rank replace right round row_number row_to_json rtrim sign split_part sqrt stddev string_agg strpos substr
  substring sum to_char to_json to_jsonb trim trunc unnest upper variance`.split(/\s+/),
)

/**
 * Whether running a query twice does no harm: a select tree that holds no raw fragment, no function outside a list, no lock and no CTE that
 * writes. It errs towards no.
 */
export function isSafeRead(root: OperationNode): boolean {
  return root.kind === 'SelectQueryNode' && isHarmless(root)
}

const BUILT_KINDS = new Set([
  'SelectQueryNode',
  'InsertQueryNode',
  'UpdateQueryNode',
  'DeleteQueryNode',
  'MergeQueryNode',
])

/**
 * Whether a query can leave nothing behind on its connection but rows: built from start to end, without raw fragments and without functions
 * that may set state. It errs towards no.
 */
export function isStateless(root: OperationNode): boolean {
  return BUILT_KINDS.has(root.kind) && everyNode(root, isPlain)
}

function isPlain(node: FunctionLike): boolean {
  return node.kind !== 'RawNode' && isPure(node)
}

function everyNode(value: unknown, holds: (node: FunctionLike) => boolean): boolean {
  if (Array.isArray(value)) return value.every((item) => everyNode(item, holds))
  if (typeof value !== 'object' || value === null || !('kind' in value)) return true
  const node = value as FunctionLike
  if (holdsValues(node)) return true
  return holds(node) && Object.values(node).every((item) => everyNode(item, holds))
}

interface FunctionLike extends OperationNode {
  readonly func?: unknown
}

/** Whether a function of this name only computes. */
export function isPureFunction(name: string): boolean {
  return PURE_FUNCTIONS.has(name.toLowerCase())
}

function isPure({ func }: FunctionLike): boolean {
  return typeof func !== 'string' || isPureFunction(func)
}

function isHarmless(value: unknown): boolean {
  if (Array.isArray(value)) return value.every(isHarmless)
  if (typeof value !== 'object' || value === null || !('kind' in value)) return true
  const node = value as FunctionLike
  if (holdsValues(node)) return true
  if (UNSAFE_KINDS.has(node.kind)) return isHarmlessModifier(node)
  return isPure(node) && Object.values(node).every(isHarmless)
}

/** DISTINCT is a modifier like FOR UPDATE. */
function isHarmlessModifier(node: OperationNode): boolean {
  return (
    node.kind === 'SelectModifierNode' &&
    'modifier' in node &&
    node.modifier === 'Distinct' &&
    !('rawModifier' in node && node.rawModifier !== undefined)
  )
}
