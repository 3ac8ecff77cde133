import { openEngine, seed } from '@app/db'
import { migrate } from '@app/db/migrations'
import { placeOf } from './database.ts'
import { StartError } from './start-error.ts'

/**
 * Brings the schema to its newest revision and fills an empty database with demo data.
 *
 * @returns whether demo data was added
 * @throws {StartError} if the database cannot be reached, naming its host and port, or if a revision fails
 */
export async function prepareDatabase(url: string): Promise<boolean> {
  const engine = await openEngine('migrations', { DATABASE_URL: url }).catch((error: Error) => {
    throw new StartError(
      `the database at ${placeOf(url)} cannot be used: ${error.message.replace(/\.$/, '')}. ` +
        'Unset DATABASE_URL to use the embedded one.',
      { cause: error },
    )
  })
  try {
    await migrate(engine).catch((error: Error) => {
      throw new StartError(`the schema could not be brought up to date: ${error.message}`, {
        cause: error,
      })
    })
    // Demo users have a password that everybody knows.
    return process.env.NODE_ENV !== 'production' && (await seed(engine))
  } finally {
    await engine.close()
  }
}
