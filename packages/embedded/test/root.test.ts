import { chmod, chown, mkdir, readdir, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { serverAccount } from '../src/account.ts'
import { startServer } from '../src/index.ts'
import { refugeOf } from '../src/refuge.ts'
import { openFolder } from './folder.ts'
import { sql } from './sql.ts'

const isRoot = process.getuid?.() === 0

describe.skipIf(!isRoot)('as root', () => {
  test('the server runs as an ordinary user, who owns the data', async () => {
    await using folder = await openFolder()
    await using server = await startServer({ dataDir: join(folder.path, 'pg') })

    const { uid } = await serverAccount()
    expect((await stat(server.dataDir)).uid).toBe(uid)
    expect((await stat(`/proc/${server.pid}`)).uid).toBe(uid)
  })

  test('a data directory made by another user is started as that user', async () => {
    await using folder = await openFolder()
    const dataDir = join(folder.path, 'pg')
    const first = await startServer({ dataDir })
    await first.stop()
    await chownAll(dataDir, 12_345)

    await using server = await startServer({ dataDir })

    expect((await stat(`/proc/${server.pid}`)).uid).toBe(12_345)
  })

  test('in a folder that only root may enter, the data lies in /var/tmp and is found again', async () => {
    await using folder = await openFolder(0o700)
    const dataDir = join(folder.path, 'pg')
    const refuge = refugeOf(dataDir)
    await using _removed = { [Symbol.asyncDispose]: () => rm(refuge, { recursive: true }) }
    const said: string[] = []
    const first = await startServer({ dataDir, onProgress: (text) => said.push(text) })
    await sql(first.url, 'create table t as select 7 as n')
    await first.stop()

    await using second = await startServer({ dataDir })

    expect(dirname(second.dataDir)).toBe(refuge)
    expect(said.join()).toContain(refuge)
    expect((await stat(refuge)).mode & 0o077).toBe(0o011)
    expect(await sql(second.url, 'select n from t')).toEqual([{ n: 7 }])
    expect(await readdir(folder.path)).toEqual([])
  })

  test('a folder that another user planted there is refused', async () => {
    await using folder = await openFolder(0o700)
    const dataDir = join(folder.path, 'pg')
    const refuge = refugeOf(dataDir)
    await using _removed = { [Symbol.asyncDispose]: () => rm(refuge, { recursive: true }) }
    await mkdir(refuge)
    await chown(refuge, 12_345, 12_345)

    await expect(startServer({ dataDir })).rejects.toMatchObject({ code: 'UNSAFE_FOLDER' })
  })

  test('data that its owner can no longer reach is not replaced by an empty database', async () => {
    await using folder = await openFolder()
    const dataDir = join(folder.path, 'pg')
    const first = await startServer({ dataDir })
    await first.stop()
    await chmod(folder.path, 0o700)

    await expect(startServer({ dataDir })).rejects.toMatchObject({ code: 'DATA_DIR_UNREACHABLE' })
  })
})

async function chownAll(folder: string, uid: number): Promise<void> {
  await chown(folder, uid, uid)
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    await chown(join(entry.parentPath, entry.name), uid, uid)
  }
}
