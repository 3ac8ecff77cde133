import { openTestDatabase } from '../src/index.ts'

// Opens a copy of a template and dies with it: node dying-process.ts <url> <name>
const [serverUrl = '', name = ''] = process.argv.slice(2)
await openTestDatabase({ serverUrl, name, prepare: async () => {} })
process.kill(process.pid, 'SIGKILL')
