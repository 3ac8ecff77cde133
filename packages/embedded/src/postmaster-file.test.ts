import { expect, test } from 'vitest'
import { parsePostmasterFile } from './postmaster-file.ts'

const lines = ['4711', '/data', '1795462613', '5433', '', '127.0.0.1', ' 123 45', 'ready   ', '']

test('process, port and status are read from a full file', () => {
  expect(parsePostmasterFile(lines.join('\n'))).toEqual({ pid: 4711, port: 5433, status: 'ready' })
})

test('a file of the first moments has a process and nothing else', () => {
  expect(parsePostmasterFile('4711\n/data\n')).toEqual({ pid: 4711, port: undefined, status: '' })
})

test.each(['', '\n', 'x\n/data'])('a file that was cut off (%j) names no server', (text) => {
  expect(parsePostmasterFile(text)).toBeUndefined()
})
