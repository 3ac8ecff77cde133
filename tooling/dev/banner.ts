import { join } from 'node:path'
import { type StartSettings, shortPath } from './settings.ts'

/** What a person needs to know once everything runs. */
export function banner(settings: StartSettings, databaseDescription: string): string {
  const { port, dataDir, redisUrl } = settings
  const api = `http://localhost:${port}`
  const rows = [
    ['API', api],
    ['Docs', `${api}/docs`],
    ['Database', databaseDescription],
    ['Jobs', redisUrl === undefined ? 'in the database' : 'on Redis'],
    ['Mail', shortPath(join(dataDir, 'mail'))],
    ['Logs', shortPath(join(dataDir, 'logs'))],
  ]
  const table = rows.map(([name = '', value]) => `  ${name.padEnd(10)}${value}`).join('\n')
  return `\nAquifer runs.\n\n${table}\n\nTry:   curl -s ${api}/posts\nStop:  Ctrl-C\n`
}
