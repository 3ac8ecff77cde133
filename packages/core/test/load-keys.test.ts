import { expect, test } from 'vitest'
import { explainLoad, load, setup } from './load-world.ts'

test('the keys of a query with a limit are gathered first, those of one without are left to the planner', async () => {
  await using t = await setup()
  const query = t.engine.db
    .selectFrom('users')
    .select('id')
    .orderBy('id')
    .$call(load('users', { posts: { load: { comments: true } } }))
  const gathers = /in \(select unnest\(array\(/g
  const counts = (some: typeof query) =>
    explainLoad(some).statements.map((text) => text.match(gathers)?.length ?? 0)
  expect(counts(query.limit(50))).toEqual([0, 1, 2])
  expect(counts(query)).toEqual([0, 0, 0])
})
