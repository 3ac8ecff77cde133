import type { BenchDatabase } from '../models.ts'

// Imports one contender, connects, asks one question and ends, as a function does that is woken up: prints the
// milliseconds from its first line to the answer.
const startedAt = performance.now()

const TEXT = `select id, email, display_name as "displayName", created_at as "createdAt" from users where id = $1`
const COLUMNS = ['id', 'email', 'displayName', 'createdAt'] as const

const firstAnswerOf: Readonly<Record<string, (url: string) => Promise<unknown>>> = {
  async pg(url) {
    const { default: pg } = await import('pg')
    const pool = new pg.Pool({ connectionString: url, max: 10 })
    return (await pool.query(TEXT, [1])).rows[0]
  },
  async 'postgres.js'(url) {
    const { default: postgres } = await import('postgres')
    const sql = postgres(url, { max: 10 })
    const [user] =
      await sql`select id, email, display_name as "displayName", created_at as "createdAt" from users where id = ${1}`
    return user
  },
  async kysely(url) {
    const { CamelCasePlugin, Kysely, PostgresDialect } = await import('kysely')
    const { default: pg } = await import('pg')
    const db = new Kysely<BenchDatabase>({
      dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString: url, max: 10 }) }),
      plugins: [new CamelCasePlugin()],
    })
    return db.selectFrom('users').select(COLUMNS).where('id', '=', 1).executeTakeFirst()
  },
  async aquifer(url) {
    // As it is published: nobody who installs it waits for its types to be stripped.
    const published = new URL('../../../packages/core/dist/', import.meta.url)
    const core: typeof import('@aquifer/core') = await import(`${published}index.js`)
    const c: typeof import('@aquifer/core/columns') = await import(`${published}columns.js`)
    const users = core.defineModel('users', {
      id: c.integer().generated(),
      email: c.text(),
      displayName: c.text(),
      createdAt: c.timestamptz(),
    })
    const { db } = core.createEngine({
      models: { users },
      profile: { ...core.presets.api, service: 'bench', version: '0', url, size: 10, overflow: 0 },
    })
    return db.selectFrom('users').select(COLUMNS).where('id', '=', 1).executeTakeFirst()
  },
}

const [contender = '', url = ''] = process.argv.slice(2)
const answer = await firstAnswerOf[contender]?.(url)
const tookMs = performance.now() - startedAt
if (answer === undefined) throw new Error(`${contender} has not answered`)
process.stdout.write(String(tookMs), () => process.exit())
