import { expect, test } from 'vitest'
import { findingOf } from './commit-outcome.ts'

const mark = { xid: '1000', markedAt: 500.5, timeline: '00000001' }
const young = { statistics_since: 501, timeline: '00000001' }
const before = { ...young, checkpoint_at: 400, next_xid: '0:900' }
const regular = { ...young, checkpoint_at: 501, next_xid: '0:1001' }
const afterCrash = { ...young, checkpoint_at: 501, next_xid: '0:1000' }

test.each([
  ['committed', { ...before, status: 'committed' }, 'committed'],
  ['aborted', { ...before, status: 'aborted' }, 'rolledBack'],
  ['in progress', { ...before, status: 'in progress' }, 'running'],
  ['too old', { ...before, status: null }, 'unknown'],
  ['committed before a later checkpoint', { ...regular, status: 'committed' }, 'committed'],
  ['an id given again after a crash', { ...afterCrash, status: 'committed' }, 'rolledBack'],
  ['a running stranger with its id', { ...afterCrash, status: 'in progress' }, 'rolledBack'],
  [
    'committed in the second of a checkpoint before its id',
    { ...afterCrash, checkpoint_at: 500, status: 'committed' },
    'unknown',
  ],
  [
    'committed in that second, on a server whose statistics are older',
    { ...afterCrash, checkpoint_at: 500, statistics_since: 300, status: 'committed' },
    'committed',
  ],
  [
    'an id of the next epoch',
    { ...before, checkpoint_at: 501, next_xid: '1:3', status: 'committed' },
    'committed',
  ],
  [
    'committed on a promoted standby',
    { ...before, timeline: '00000002', status: 'committed' },
    'unknown',
  ],
] as const)('%s is found out', (_what, testimony, finding) => {
  expect(findingOf(testimony, mark)).toBe(finding)
})
