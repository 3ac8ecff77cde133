import { pinnedPnpm, root } from './workspace.mjs'

const networkTrouble =
  /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT|META_FETCH_FAIL|dns error|error sending request|network is unreachable/i

const causes = [
  {
    signs: /ENOSPC|No space left on device|no space left/i,
    text: () => `the disk is full. Free about 1 GB below ${root} and in your home, then try again.`,
  },
  {
    signs: /ERR_PNPM_OUTDATED_LOCKFILE/,
    text: () =>
      `a package.json asks for packages that pnpm-lock.yaml does not hold. Run: npx ${pinnedPnpm()} install`,
  },
  {
    signs: networkTrouble,
    text: () =>
      'the package registry cannot be reached. Check the network (behind a proxy: HTTPS_PROXY), then try again.',
  },
  {
    signs: /EACCES|EPERM|EROFS|permission denied|read-only file system/i,
    text: () =>
      `files could not be written. If an earlier run as another user made node_modules, give it to yourself or remove it: ${root}/node_modules`,
  },
]

/** True if a piece of output tells of a network that does not answer, maybe only for now. */
export function isNetworkTrouble(output) {
  return networkTrouble.test(output)
}

/** What stopped an installation, in one sentence with what to do, judged by what it printed. */
export function explainInstallFailure(output) {
  // The package manager breaks its lines in the middle of a sentence.
  const text = output.replace(/[\s│]+/g, ' ')
  const known = causes.find(({ signs }) => signs.test(text))
  if (known !== undefined) return known.text()
  const lines = output.trim().split('\n')
  const error = lines.filter((line) => /\bERR|error/i.test(line)).slice(-1)[0] || lines.slice(-1)[0]
  return `the package manager failed: ${error || 'it said nothing'}`
}
