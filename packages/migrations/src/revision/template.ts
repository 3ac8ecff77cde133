import type { RevisionHeader } from './revision.ts'

/** The export that says what a revision is, as our formatter would write it. */
export function headerText({
  id,
  parents,
  phase,
  transaction,
  label,
  replaces,
}: RevisionHeader): string {
  const lines = [
    `id: '${id}'`,
    listLine('parents', parents),
    `phase: '${phase}'`,
    `transaction: ${transaction}`,
    ...(label === undefined ? [] : [`label: '${label}'`]),
    ...(replaces === undefined ? [] : [listLine('replaces', replaces)]),
  ]
  return `export const revision = {\n${lines.map((line) => `  ${line},\n`).join('')}} as const\n`
}

/** The text of an empty revision, as our formatter would write it. */
export function emptyRevision(header: RevisionHeader, message: string): string {
  return `import type { Kysely } from 'kysely'

${headerText(header)}
/** ${sentence(message)} */
export async function up(_db: Kysely<unknown>): Promise<void> {}

export async function down(_db: Kysely<unknown>): Promise<void> {}
`
}

/** The text of a revision whose steps are these statements; without a way down it says so when it is asked for one. */
export function statementsRevision(
  header: RevisionHeader,
  message: string,
  { up, down }: { readonly up: readonly string[]; readonly down?: readonly string[] },
): string {
  const way = (name: string, statements: readonly string[]) =>
    `const ${name}: readonly string[] = [\n${statements.map((each) => `  \`${escaped(each)}\`,\n`).join('')}]\n`
  const run = (direction: string, statements: string) =>
    `export async function ${direction}(db: Kysely<unknown>): Promise<void> {
  for (const statement of ${statements}) await sql.raw(statement).execute(db)
}
`
  const back =
    down === undefined
      ? `export async function down(): Promise<void> {
  throw new Error('there is no way down from here')
}
`
      : `${run('down', 'downStatements')}
${way('downStatements', down)}`
  return `import { type Kysely, sql } from 'kysely'

${headerText(header)}
/** ${sentence(message)} */
${run('up', 'upStatements')}
${back}
${way('upStatements', up)}`
}

const WIDTH = 100

function listLine(name: string, ids: readonly string[]): string {
  const quoted = ids.map((id) => `'${id}'`)
  const line = `${name}: [${quoted.join(', ')}]`
  if (line.length + 3 <= WIDTH) return line
  return `${name}: [\n${quoted.map((id) => `    ${id},\n`).join('')}  ]`
}

function escaped(text: string): string {
  return text.replaceAll(/[`\\]|\$\{/g, (mark) => `\\${mark}`)
}

function sentence(message: string): string {
  const line = message.replaceAll(/\s+/g, ' ').replaceAll('*/', '* /').trim()
  return /[.!?]$/.test(line) ? line : `${line}.`
}
