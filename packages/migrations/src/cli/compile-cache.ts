import { enableCompileCache } from 'node:module'
import { homedir } from 'node:os'
import { join } from 'node:path'

/**
 * Lets Node keep what it has compiled, which halves the time until a command answers. In the user's own folder: what lies in
 * one that others can write to could be theirs. Where that is impossible, nothing is kept.
 */
export function keepCompiledCode(env: Readonly<Record<string, string | undefined>>): void {
  try {
    enableCompileCache(join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'aquifer'))
  } catch {
    // A user without a home is served the same, a little later.
  }
}
