import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { runCommand } from '../checks/command.ts'
import { openRepository } from '../checks/repository.ts'
import { linkPackages, openWorkshop } from '../checks/snippets/workshop.ts'
import { generatedSchema, type SchemaPlan } from './generated-schema.ts'

const repository = openRepository(fileURLToPath(new URL('../../', import.meta.url)))

/** What the compiler says of a schema. */
async function check(plan: SchemaPlan) {
  using workshop = openWorkshop()
  linkPackages(workshop.folder, repository)
  for (const [name, content] of generatedSchema(plan)) workshop.write(name, content)
  const command = ['tsc', '--extendedDiagnostics', '--singleThreaded']
  const { ok, output } = await runCommand(repository.root, command, { cwd: workshop.folder })
  const number = (name: string) =>
    Number(output.match(new RegExp(`^${name}:\\s+([\\d.]+)`, 'm'))?.[1])
  const cost = {
    ...plan,
    instantiations: number('Instantiations'),
    types: number('Types'),
    checkSeconds: number('Check time'),
    totalSeconds: number('Total time'),
    memoryMiB: Math.round(number('Memory used') / 1024),
  }
  console.log(JSON.stringify(cost))
  return { ok, output, ...cost }
}

test('a model costs the compiler the same however many there are', async () => {
  const plan = { by: 'models', queries: false } as const
  const one = await check({ ...plan, tables: 1 })
  const some = await check({ ...plan, tables: 200 })
  const many = await check({ ...plan, tables: 500 })

  expect([one, some, many].filter(({ ok }) => !ok).map(({ output }) => output)).toEqual([])
  const each = (many.instantiations - some.instantiations) / 300
  expect(each).toBeLessThan(1_200)
  expect(each).toBeLessThan(((some.instantiations - one.instantiations) / 199) * 1.1)
})

test('with queries, 200 models cost less than twice as much as tables of plain Kysely', async () => {
  const plan = { tables: 200, queries: true } as const
  const plain = await check({ ...plan, by: 'interfaces' })
  const models = await check({ ...plan, by: 'models' })

  expect([plain, models].filter(({ ok }) => !ok).map(({ output }) => output)).toEqual([])
  expect(models.instantiations).toBeLessThan(plain.instantiations * 2)
})
