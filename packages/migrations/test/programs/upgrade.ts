import { createEngine, presets } from '@aquifer/core'
import { upgrade } from '../../src/index.ts'
import { interruptedRevisions } from '../interrupted-revisions.ts'

const [url = '', mode] = process.argv.slice(2)
const profile = { ...presets.migrations, url, service: 'victim', version: '0' }
await using engine = createEngine({ profile })
await upgrade(engine, interruptedRevisions(mode === 'inside' ? 'inside' : 'outside'))
