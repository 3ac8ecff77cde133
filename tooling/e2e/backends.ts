import { createTestDatabase, type TestRedis, testRedis } from '@aquifer/embedded'
import { inject } from 'vitest'
import { openDataDir, type Product, readServerFile, startProduct } from './product.ts'

/** A running product with all that it stands on. */
export interface World extends AsyncDisposable {
  readonly product: Product
  readonly databaseUrl: string
}

/** One way to run the product: what somebody sets before `npm start`. */
export interface Backend {
  readonly title: string
  /** Why it cannot be tried here, if so. */
  readonly missing?: string
  open(): Promise<World>
}

/** Without any setting; and with DATABASE_URL and REDIS_URL. */
export async function backends(): Promise<Backend[]> {
  return [
    { title: 'with nothing set: embedded server, jobs on PostgreSQL', open: openEmbedded },
    await onRedis(),
  ]
}

async function openEmbedded(): Promise<World> {
  await using below = new AsyncDisposableStack()
  const folder = below.use(await openDataDir())
  const product = below.use(await startProduct({ dataDir: folder.path }))
  const { url } = await readServerFile(folder.path)
  return world(product, url, below)
}

async function onRedis(): Promise<Backend> {
  const title = 'with DATABASE_URL and REDIS_URL: jobs on Redis'
  const probe = await testRedis()
  await probe?.stop()
  if (probe) return { title, open: openOnRedis }
  const missing = 'no TEST_REDIS_URL and no redis-server on this machine'
  process.stdout.write(`skipped ${title}: ${missing}\n`)
  return { title, missing, open: openOnRedis }
}

async function openOnRedis(): Promise<World> {
  await using below = new AsyncDisposableStack()
  const folder = below.use(await openDataDir())
  const { url } = below.use(await createTestDatabase(inject('databaseUrl')))
  const redis = below.use((await testRedis()) as TestRedis)
  const env = { DATABASE_URL: url, REDIS_URL: redis.url }
  const product = below.use(await startProduct({ dataDir: folder.path, env }))
  return world(product, url, below)
}

/** What was opened is closed in the opposite order: at once if the opening fails, else with the world. */
function world(product: Product, databaseUrl: string, below: AsyncDisposableStack): World {
  const opened = below.move()
  return { product, databaseUrl, [Symbol.asyncDispose]: () => opened.disposeAsync() }
}
