import { createEngine, defineModel, presets } from '@aquifer/core'
import { integer } from '@aquifer/core/columns'

// Runs where core is installed as it is packed: waits in vain for a connection that it holds itself, and prints what
// it is told. The column comes from another entry than the model.
await using engine = createEngine({
  models: { notes: defineModel('notes', { id: integer() }) },
  profile: {
    ...presets.api,
    service: 'check',
    version: '0',
    url: process.env.DATABASE_URL ?? '',
    size: 1,
    overflow: 0,
    acquireTimeoutMs: 1_000,
  },
})
await using _held = await engine.acquire()
await engine.acquire().catch((error: Error) => console.log(error.message))
