import type { Kysely } from 'kysely'
import type { Source, Step } from '../build-change.ts'
import type { Trouble } from '../statement.ts'
import { CodeFile } from './code-place.ts'
import { AnswerNeeded, type RecordedStatement, Recorder } from './recorder.ts'

/** What of a revision's module is recorded. */
export interface RecordableRevision {
  /** The file's path. */
  readonly path: string
  /** The name by which findings call it. */
  readonly file: string
  readonly code: string
  readonly transaction: boolean
  readonly phase?: 'expand' | 'contract'
  readonly up: (db: Kysely<unknown>) => unknown
  readonly down?: (db: Kysely<unknown>) => unknown
}

/** Runs a revision's way up, and its way down, without a server, and gives what each would have run. */
export async function recordRevision(
  revision: RecordableRevision,
  timeoutMs: number,
): Promise<Source[]> {
  const code = new CodeFile(revision.path, revision.code)
  const sources: Source[] = []
  for (const direction of ['up', 'down'] as const) {
    const run = revision[direction]
    if (run === undefined) continue
    const recorder = new Recorder()
    const failure = await outcomeOf(() => run(recorder.db), timeoutMs)
    sources.push(sourceOf(revision, direction, code, { recorder, failure }))
  }
  return sources
}

interface Recorded {
  readonly recorder: Recorder
  readonly failure: unknown
}

function sourceOf(
  { file, transaction, phase }: RecordableRevision,
  direction: 'up' | 'down',
  code: CodeFile,
  { recorder, failure }: Recorded,
): Source {
  const steps = recorder.statements.map(({ sql, stack }): Step => {
    return { sql, unit: transaction ? 'transaction' : 'call', ...code.placeOf(stack, sql) }
  })
  const trouble = troubleOf(direction, code, { recorder, failure })
  const troubles = trouble === undefined ? [] : [trouble]
  return { file, direction, byRunner: true, steps, troubles, ...(phase && { phase }) }
}

function troubleOf(
  direction: 'up' | 'down',
  code: CodeFile,
  { recorder, failure }: Recorded,
): Trouble | undefined {
  const { asked } = recorder
  if (asked === undefined && failure === undefined) return undefined
  // A way down that throws at once says that there is none.
  const refuses = direction === 'down' && recorder.statements.length === 0
  if (asked === undefined && refuses) return undefined
  const { locate, ignores } = code.placeOf(asked?.stack ?? stackOf(failure), '')
  return {
    rule: 'unrecordable',
    message: `${direction} cannot be recorded: ${reasonOf(asked, failure)}`,
    position: locate(0),
    text: asked?.sql ?? '',
    ignores,
  }
}

/** What a run threw; undefined if it ended well. */
async function outcomeOf(run: () => unknown, timeoutMs: number): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<Error>((resolve) => {
    timer = setTimeout(
      () => resolve(new Error(`it had not ended after ${timeoutMs} ms`)),
      timeoutMs,
    )
  })
  try {
    return await Promise.race([Promise.resolve(run()).then(() => undefined), late])
  } catch (error) {
    return error ?? new Error('it failed without a reason')
  } finally {
    clearTimeout(timer)
  }
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? '') : ''
}

function reasonOf(asked: RecordedStatement | undefined, failure: unknown): string {
  if (failure instanceof AnswerNeeded) return failure.message
  if (asked !== undefined) return 'it goes by what this statement answers'
  const message = failure instanceof Error ? failure.message : String(failure)
  if (message === '') return 'it threw an error without a message'
  return `it threw: ${message.split('\n', 1)[0]}`
}
