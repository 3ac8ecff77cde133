import { expect, test } from 'vitest'
import { checksumOf } from './checksum.ts'

test('line endings and a byte order mark change nothing', () => {
  const sum = checksumOf('a\nb\n')
  expect(checksumOf('a\r\nb\r\n')).toBe(sum)
  expect(checksumOf('a\rb\r')).toBe(sum)
  expect(checksumOf('\uFEFFa\nb\n')).toBe(sum)
})

test('every other character counts', () => {
  const sum = checksumOf('a\nb\n')
  expect(checksumOf('a\nb')).not.toBe(sum)
  expect(checksumOf('a\n b\n')).not.toBe(sum)
})
