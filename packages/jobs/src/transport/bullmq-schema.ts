import type { PgPool } from '@aquifer/core'
import { pgShapeOf } from './pg-shape.ts'

/**
 * Brings BullMQ's own schema `bullmq` up to the version that this BullMQ needs; returns that
 * version.
 */
export async function migrateQueueSchema(pool: PgPool): Promise<number> {
  // Loaded late: a command that only asks for the state of the schema need not wait for all of BullMQ.
  const { runMigrations } = await import('bullmq')
  const client = await pgShapeOf(pool).connect()
  try {
    return await runMigrations(client)
  } finally {
    client.release()
  }
}
