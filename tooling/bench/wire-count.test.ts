import { expect, test } from 'vitest'
import { WireCount } from './wire-count.ts'

const message = (type: string, body: string) => {
  const length = Buffer.alloc(4)
  length.writeInt32BE(body.length + 4)
  return Buffer.concat([Buffer.from(type), length, Buffer.from(body)])
}
const startup = message('', 'user=bench')
const prepared = Buffer.concat(
  ['Parse', 'Bind', 'Describe', 'Execute', 'Sync'].map((name) => message(name.charAt(0), name)),
)

test('executions and simple queries are statements, everything else is not', () => {
  const count = new WireCount()
  count.sent(startup)
  count.sent(prepared)
  count.sent(message('Q', 'begin'))
  expect(count.statements).toBe(2)
})

test('a statement is counted once however its bytes arrive', () => {
  const count = new WireCount()
  for (const byte of Buffer.concat([startup, prepared, prepared])) count.sent(Buffer.from([byte]))
  expect(count.statements).toBe(2)
})

test('what is sent before an answer arrives is one flight', () => {
  const count = new WireCount()
  count.sent(startup)
  count.received()
  count.sent(message('Q', 'begin'))
  count.sent(prepared)
  count.received()
  count.received()
  count.sent(message('Q', 'commit'))
  expect(count.flights).toBe(3)
})
