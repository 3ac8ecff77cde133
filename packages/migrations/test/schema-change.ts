/** A change of a schema: statements that make the one before, and those that make the one after. */
export interface SchemaChange {
  readonly title: string
  readonly before: readonly string[]
  readonly after: readonly string[]
}

/** A change from what one statement text makes to what the other one does. */
export function change(title: string, before: string, after: string): SchemaChange {
  return { title, before: [before], after: [after] }
}
