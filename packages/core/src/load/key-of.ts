/** Equal for values that the server takes for equal: a number and a bigint, a Date and its text. */
export function keyOf(value: unknown): string {
  return value instanceof Date ? value.toISOString() : String(value)
}
