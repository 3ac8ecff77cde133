import type { Finding } from '../check.ts'

/** A block of a page that is run, or written to a file, or compared with what ran before it. */
export interface Block {
  readonly page: string
  /** The line of its opening fence. */
  readonly line: number
  readonly kind: 'program' | 'file' | 'output' | 'shell' | 'console'
  readonly content: string
  /** Where a `file` block is written, relative to the page's folder. */
  readonly path?: string
  /** A `console` block whose command goes on until the page ends. */
  readonly background?: boolean
}

/** A page as the runner needs it: its blocks from top to bottom, and what is wrong with the others. */
export interface Page {
  readonly blocks: readonly Block[]
  readonly findings: readonly Finding[]
}

/** Languages that are shown and not run. */
const SHOWN = new Set(['text', 'json', 'sql', 'yaml', 'ini', 'http', 'diff', 'mermaid'])
const RUN = ['ts', 'sh', 'console']

/** Finds the fenced blocks of a Markdown page and says what each is for, by its info string. */
export function parsePage(page: string, markdown: string): Page {
  const blocks: Block[] = []
  const findings: Finding[] = []
  for (const fence of fences(markdown)) {
    const { line, content } = fence
    const [language = '', ...words] = fence.info.split(/\s+/)
    const options = new Map(words.map((word) => word.split(/=(.*)/s, 2) as [string, string]))
    const object = (message: string) => findings.push({ file: page, line, message })
    if (!SHOWN.has(language) && !RUN.includes(language)) {
      object(
        `a block says what it is: ${[...RUN, ...SHOWN].join(', ')}; "${fence.info}" is none of them`,
      )
      continue
    }
    if (words.some((word) => word.startsWith('no-run'))) {
      if (!/ no-run: *\S/.test(fence.info)) object('a block that is not run says why: no-run: ...')
      continue
    }
    const kind = kindOf(language, options)
    if (kind === undefined) continue
    if (kind === 'output' && blocks.at(-1)?.kind !== 'program') {
      object('`text output` follows the `ts` block that prints it')
      continue
    }
    const path = options.get('file')
    blocks.push({
      page,
      line,
      kind,
      content,
      ...(path ? { path } : {}),
      ...(options.has('background') ? { background: true } : {}),
    })
  }
  return { blocks, findings }
}

interface Fence {
  readonly line: number
  readonly info: string
  readonly content: string
}

function fences(markdown: string): Fence[] {
  const found: Fence[] = []
  const lines = markdown.split('\n')
  for (let index = 0; index < lines.length; index += 1) {
    const [, indent = '', marks, info = ''] =
      /^( *)(`{3,}|~{3,})\s*(.*)$/.exec(lines[index] ?? '') ?? []
    if (!marks) continue
    const line = index + 1
    const content: string[] = []
    for (index += 1; index < lines.length; index += 1) {
      const text = lines[index] ?? ''
      if (text.trim().startsWith(marks) && text.trim().replaceAll(marks[0] ?? '', '') === '') break
      content.push(text.startsWith(indent) ? text.slice(indent.length) : text.trimStart())
    }
    found.push({ line, info: info.trim(), content: content.join('\n') })
  }
  return found
}

function kindOf(language: string, options: ReadonlyMap<string, string>): Block['kind'] | undefined {
  if (options.get('file')) return 'file'
  if (language === 'ts') return 'program'
  if (language === 'sh') return 'shell'
  if (language === 'console') return 'console'
  return language === 'text' && options.has('output') ? 'output' : undefined
}
