import { expect, test } from 'vitest'
import { emptyRevision } from './template.ts'

const header = { id: '3f6c1a92', parents: [], phase: 'expand', transaction: true } as const

test('an empty revision reads as if it were written by hand', () => {
  expect(emptyRevision(header, 'Users and roles')).toBe(`import type { Kysely } from 'kysely'

export const revision = {
  id: '3f6c1a92',
  parents: [],
  phase: 'expand',
  transaction: true,
} as const

/** Users and roles. */
export async function up(_db: Kysely<unknown>): Promise<void> {}

export async function down(_db: Kysely<unknown>): Promise<void> {}
`)
})

test('a merge names all its parents', () => {
  expect(emptyRevision({ ...header, parents: ['aa', 'bb'] }, 'merge')).toContain(
    "  parents: ['aa', 'bb'],\n",
  )
})

test('a message cannot end the comment that it stands in', () => {
  const text = emptyRevision(header, 'one */ throw new Error() /*\n two!')
  expect(text).toContain('/** one * / throw new Error() /* two! */\n')
})
