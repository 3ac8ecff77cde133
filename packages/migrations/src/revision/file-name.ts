/** What the name of a revision file says. */
export interface FileName {
  /** The name without its ending. */
  readonly name: string
  /** When the file was written, in UTC. */
  readonly createdAt: Date
  readonly id: string
  readonly slug: string
}

const PATTERN =
  /^((?<year>\d{4})(?<month>\d\d)(?<day>\d\d)(?<hour>\d\d)(?<minute>\d\d)(?<second>\d\d)_(?<id>[0-9a-z]{8})_(?<slug>[0-9a-z_]+))(\.(ts|js|mjs))?$/
const LONGEST_SLUG = 60

/** Reads `20261123190000_3f6c1a92_identity`, with or without `.ts`, `.js` or `.mjs`; undefined if it is no such name. */
export function parseFileName(text: string): FileName | undefined {
  const match = PATTERN.exec(text)
  if (match?.groups === undefined) return undefined
  const { year, month, day, hour, minute, second, id = '', slug = '' } = match.groups
  const createdAt = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
  return Number.isNaN(createdAt.getTime())
    ? undefined
    : { name: match[1] ?? text, createdAt, id, slug }
}

/** The name, without ending, of a revision written at `createdAt`. */
export function formatFileName({ createdAt, id, slug }: Omit<FileName, 'name'>): string {
  const stamp = createdAt.toISOString().replaceAll(/\D/g, '').slice(0, 14)
  return `${stamp}_${id}_${slug}`
}

/** `Add users' e-mail` as `add_users_e_mail`; empty if the message holds neither a letter of a-z nor a digit. */
export function slugOf(message: string): string {
  return message
    .normalize('NFKD')
    .replaceAll(/[\p{Mark}'’]/gu, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .slice(0, LONGEST_SLUG)
    .replaceAll(/^_+|_+$/g, '')
}
