import { testServer } from '@aquifer/embedded'
import type { TestProject } from 'vitest/node'

/** One PostgreSQL per vitest run; test files make databases of their own on it. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await testServer()
  project.provide('databaseUrl', server.url)
  return () => server.stop()
}
