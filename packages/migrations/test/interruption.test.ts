import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { openFaultProxy, reportFault } from '@aquifer/embedded'
import { expect, inject, test, vi } from 'vitest'
import { upgrade } from '../src/index.ts'
import { interruptedRevisions } from './interrupted-revisions.ts'
import { setup, type World } from './setup.ts'

vi.setConfig({ testTimeout: 600_000 })

const program = fileURLToPath(new URL('./programs/upgrade.ts', import.meta.url))

function start(url: string, mode: string) {
  return spawn(process.execPath, [program, url, mode], { stdio: ['ignore', 'inherit', 'inherit'] })
}

/** Schema and rows as the server tells them. */
async function picture(t: World): Promise<unknown[]> {
  return t.witness(`
    select 'column' as kind, table_name || '.' || column_name as name, data_type || ' ' || is_nullable || ' ' || coalesce(column_default, '') as value
      from information_schema.columns where table_schema = 'public'
    union all select 'index', indexrelid::regclass::text, pg_get_indexdef(indexrelid) || ' ' || indisvalid
      from pg_index join pg_class on pg_class.oid = indexrelid where relnamespace = 'public'::regnamespace
    union all select 'enum', enumtypid::regtype::text, enumlabel from pg_enum
    union all select 'constraint', conname, pg_get_constraintdef(oid) || ' ' || convalidated from pg_constraint where connamespace = 'public'::regnamespace
    union all select 'things', 'count', count(*) || ' ' || max(id) || ' ' || count(distinct name) from things
    union all select 'counter', 'n', n::text from counter
    union all select 'applied', id, '' from aquifer.revision
    union all select 'unfinished', revision_id, position::text from aquifer.revision_statement where finished_at is null
    order by 1, 2, 3`)
}

test.each(['inside', 'outside'] as const)(
  'M1: killed after any answer of the server, %s a transaction, the next run ends where the uninterrupted one does',
  async (mode) => {
    const profile = inject('faultProfile')
    await using whole = await setup()
    let answers: number
    {
      await using proxy = await openFaultProxy({ target: whole.url })
      const counted = proxy.when(
        { direction: 'toClient', message: 'ReadyForQuery', once: false },
        'pass',
      )
      const [code] = await once(start(proxy.url, mode), 'exit')
      expect(code).toBe(0)
      answers = counted.times
    }
    const expected = await picture(whole)
    const latenciesMs: number[] = []
    const broken: unknown[] = []
    // In the short profile each seventh.
    for (let nth = 2; nth <= answers; nth += profile === 'long' ? 1 : 7) {
      await using t = await setup()
      await using proxy = await openFaultProxy({ target: t.url })
      const rule = proxy.when({ direction: 'toClient', message: 'ReadyForQuery', nth }, 'hold')
      const victim = start(proxy.url, mode)
      const ended = once(victim, 'exit')
      await Promise.race([rule.fired, ended])
      victim.kill('SIGKILL')
      await ended
      rule.release()
      const startedAt = performance.now()
      const result = await upgrade(t.engine, interruptedRevisions(mode)).catch(
        (error: unknown) => error,
      )
      latenciesMs.push(performance.now() - startedAt)
      const got = await picture(t).catch(String)
      if (JSON.stringify(got) !== JSON.stringify(expected)) broken.push({ nth, result, got })
    }
    await reportFault({
      row: `M1 ${mode}`,
      profile,
      seed: 0,
      count: latenciesMs.length,
      violations: broken.length,
      latenciesMs,
      numbers: { answers },
    })
    expect(broken).toEqual([])
  },
)
