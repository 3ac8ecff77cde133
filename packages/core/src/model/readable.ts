import type { ColumnsWith, Model } from './model.ts'

/** The names of the columns that others may see. */
export type ReadableOf<M extends Model> = Exclude<
  keyof M['columns'] & string,
  ColumnsWith<M, 'hidden'>
>

/** The names of a model's columns without the hidden ones, as `select(readable(users))`. In the order of their declaration. */
export function readable<M extends Model>({ columns }: M): ReadableOf<M>[] {
  const names = Object.keys(columns).filter((key) => columns[key]?.definition.hidden === false)
  return names as ReadableOf<M>[]
}
