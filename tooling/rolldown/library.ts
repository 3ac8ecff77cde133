import { readFileSync } from 'node:fs'
import { posix } from 'node:path'
import type { RolldownOptions } from 'rolldown'

interface Manifest {
  readonly exports: Readonly<Record<string, string>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
}

const manifest: Manifest = JSON.parse(readFileSync('package.json', 'utf8'))
const installed = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })

/**
 * One file for each entry of the library in whose folder this runs, since a hundred small ones take Node more than twice
 * as long to load. What two entries share is a file of its own, so that a class is the same whichever of them is
 * imported first. Nothing is minified, and a stack shows the published lines: there are no source maps, as the sources
 * are not published.
 */
const config: RolldownOptions = {
  input: Object.fromEntries(
    Object.values(manifest.exports).map((source) => [entryOf(source), source]),
  ),
  external: (id) => installed.some((name) => id === name || id.startsWith(`${name}/`)),
  platform: 'node',
  transform: { target: 'es2024' },
  output: {
    dir: 'dist',
    cleanDir: true,
    chunkFileNames: '[name].js',
    minifyInternalExports: false,
    // The declarations have them; here they are a fifth of what Node reads.
    comments: { jsdoc: false },
  },
}

export default config

/** As `hono/index` of `./src/hono/index.ts`. */
function entryOf(source: string): string {
  return posix.relative('src', source).replace(/\.ts$/, '')
}
