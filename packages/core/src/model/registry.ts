import type { Model, TableOf } from './model.ts'

/** The models of one database, by any key. */
export type Models = Readonly<Record<string, Model>>

/** Kysely's database type of a set of models: each table under the model's own name. */
export type DatabaseOf<M extends Models> = {
  [Key in keyof M as M[Key]['name']]: TableOf<M[Key]>
}
