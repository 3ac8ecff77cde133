import { expect, test } from 'vitest'
import { Growth } from './growth.ts'

const full = Object.assign(new Error('too many clients'), { sqlState: '53300' })

test('a full server is not asked again at once', () => {
  const growth = new Growth(() => {})
  expect(growth.failed(full)).toBe(true)
  expect(growth.paused).toBe(true)
  growth.stop()
})

test('an attempt that is refused after the end waits for nothing', () => {
  const growth = new Growth(() => {})
  growth.stop()
  expect(growth.failed(full)).toBe(false)
  expect(growth.paused).toBe(false)
})
