import { expect, test } from 'vitest'
import { BUILT_IN } from '../src/codec/built-in.ts'
import { setupModels } from './model-world.ts'

test('every built-in type has the numbers and the delimiter that the catalogue says', async () => {
  await using t = await setupModels({}, 'select 1')
  for (const [name, { oid, arrayOid }] of Object.entries(BUILT_IN)) {
    const [type] = await t.witness(
      `select oid::int, typarray::int, typdelim from pg_type where oid = '${name}'::regtype`,
    )
    expect(type, name).toEqual({
      oid,
      typarray: arrayOid,
      typdelim: name === 'box' ? ';' : ',',
    })
  }
})
