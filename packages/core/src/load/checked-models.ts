import type { Model } from '../model/model.ts'
import type { Models } from '../model/registry.ts'
import type { Relation } from '../model/relation.ts'
import type { ByName } from './edge-options.ts'

/** Models each of whose relations leads to one of them, by columns that it has; what does not is `never`. */
export type CheckedModels<M extends Models> = {
  readonly [Key in keyof M]: {
    readonly relations: {
      readonly [Name in keyof M[Key]['relations']]: CheckedRelation<
        ByName<M>,
        M[Key]['relations'][Name]
      >
    }
  }
}

type CheckedRelation<
  All extends Readonly<Record<string, Model>>,
  R extends Relation,
> = R['target'] extends keyof All
  ? R['foreign'][number] extends keyof All[R['target']]['columns']
    ? unknown
    : { readonly foreign: readonly (keyof All[R['target']]['columns'])[] }
  : { readonly target: keyof All }
