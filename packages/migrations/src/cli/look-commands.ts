import type { Command } from 'commander'
import { type CommandContext, openProject, readRevisions } from './context.ts'
import { exitCodes } from './exit-code.ts'
import {
  branchLines,
  currentLines,
  graphLines,
  headLines,
  historyLines,
  pendingLines,
  showLines,
} from './lines.ts'

/** Commands that look and change nothing. */
export function addLookCommands(program: Command, context: CommandContext): void {
  const { printer } = context

  program
    .command('current')
    .description('where the database stands')
    .action(async () => {
      const { current } = await import('../commands/current.ts')
      const { listRevisionFiles } = await import('../revision/directory.ts')
      const { revisions, openEngine } = await context.config()
      const files = await listRevisionFiles(revisions)
      await using engine = await openEngine()
      const state = await current(engine)
      const applied = new Set(state.applied.map(({ id }) => id))
      const named = new Set(files.map(({ id }) => id))
      // Only what is replaced needs the files to be loaded: most databases are answered by their names.
      const open = [...applied].every((id) => named.has(id))
        ? files.filter(({ id }) => !applied.has(id))
        : await pendingByGraph(state)
      const pending = open.map(({ id }) => id)
      printer.result({ ...state, pending }, currentLines(state, pending))
    })

  program
    .command('pending')
    .description('the revisions that are not applied; exit code 4 if there are any')
    .action(async () => {
      const { pending } = await import('../commands/pending.ts')
      await using open = await openProject(context)
      const found = await pending(open.engine, open.revisions)
      if (found.length > 0) context.endWith(exitCodes.pending)
      const named = found.map(({ id, name, phase, transaction }) => ({
        id,
        name,
        phase,
        transaction,
      }))
      printer.result({ pending: named }, pendingLines(named))
    })

  program
    .command('history')
    .description('every revision, newest first: applied, pending, head')
    .option('-r, --range <a:b>', 'from a up to b; either may be left out')
    .option('--graph', 'draw how they build on each other')
    .action(async ({ range, graph }: { range?: string; graph?: boolean }) => {
      const { history } = await import('../commands/history.ts')
      await using open = await openProject(context)
      const entries = await history(open.engine, open.revisions, { ...(range && { range }) })
      const lines = graph === true ? graphLines(entries) : historyLines(entries)
      printer.result({ revisions: entries }, lines)
    })

  program
    .command('heads')
    .description('the revisions that no other builds on, from the files alone')
    .action(async () => {
      const { heads } = await import('../commands/heads.ts')
      const found = heads(await readRevisions(context))
      const named = found.map(({ id, name, parents, file }) => ({ id, name, parents, file }))
      printer.result({ heads: named }, headLines(named))
    })

  program
    .command('branches')
    .description('where the graph parts and where labelled branches begin, from the files alone')
    .action(async () => {
      const { branches } = await import('../commands/branches.ts')
      const found = branches(await readRevisions(context))
      printer.result({ branches: found }, branchLines(found))
    })

  program
    .command('show')
    .description('one revision, from its file alone')
    .argument('<id>', 'an id, its beginning, a label or head, with steps: head-1')
    .action(async (id: string) => {
      const { show } = await import('../commands/show.ts')
      const shown = show(await readRevisions(context), id)
      printer.result(shown, showLines(shown))
    })

  async function pendingByGraph(state: { applied: readonly { id: string }[] }) {
    const { RevisionGraph } = await import('../revision/graph.ts')
    const graph = new RevisionGraph(await readRevisions(context))
    const applied = new Set(state.applied.map(({ id }) => graph.current(id)))
    return graph.order.filter(({ id }) => !applied.has(id))
  }
}
