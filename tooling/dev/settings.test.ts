import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readStartSettings, root } from './settings.ts'

test('without any setting it is the embedded database, port 3000 and the folder of the clone', () => {
  expect(readStartSettings({ DATABASE_URL: '' })).toEqual({
    databaseUrl: undefined,
    redisUrl: undefined,
    port: 3000,
    workerPort: undefined,
    dataDir: join(root, '.aquifer'),
  })
})

test.each(['http', '0', '65536', '3.5'])('PORT=%s is refused by name', (PORT) => {
  expect(() => readStartSettings({ PORT })).toThrow('PORT must be a number from 1 to 65535')
})
