import { type Comparison, usersOf } from './compare.ts'

/** Ids of what has to be dropped before the renames: what they would change in an unforeseen way, and all that uses it. */
export function goneBeforeRenames({ before, fates, renames }: Comparison): ReadonlySet<string> {
  const gone = new Set(renames?.remade)
  if (gone.size === 0) return gone
  const users = usersOf(before)
  for (const id of gone) {
    for (const user of users.get(id) ?? []) {
      const fate = fates.get(user)
      if (fate === 'remake' || fate === 'drop') gone.add(user)
    }
  }
  return gone
}
