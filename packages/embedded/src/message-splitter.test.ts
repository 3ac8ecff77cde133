import { expect, test } from 'vitest'
import { MessageSplitter } from './message-splitter.ts'
import { type Direction, type Frame, ProtocolFraming } from './protocol-framing.ts'

function message(type: string, body: string): Buffer {
  const bytes = Buffer.alloc(5 + Buffer.byteLength(body))
  bytes.write(type)
  bytes.writeUInt32BE(bytes.length - 1, 1)
  bytes.write(body, 5)
  return bytes
}

function startup(code: number, rest = ''): Buffer {
  const bytes = Buffer.alloc(8 + rest.length)
  bytes.writeUInt32BE(bytes.length)
  bytes.writeUInt32BE(code, 4)
  bytes.write(rest, 8)
  return bytes
}

const version3 = 196_608
const sslRequest = 80_877_103

/** Reads one direction after the other and notes each message, each effect and each byte that has passed. */
function setup(stopAt?: string) {
  const framing = new ProtocolFraming()
  const frames: Frame[] = []
  const trace: string[] = []
  const note = (text: string) => () => void trace.push(text) as undefined
  const open = (direction: Direction) =>
    new MessageSplitter(
      direction,
      framing,
      {
        bytes: (piece) => trace.push(piece.toString('latin1')),
        effect: (effect) => void effect(),
      },
      (frame) => {
        frames.push(frame)
        if (frame.name !== stopAt) return undefined
        return { before: note('<before>'), within: note('<within>'), after: note('<after>') }
      },
    )
  const lanes = { toServer: open('toServer'), toClient: open('toClient') }
  const names = () => frames.map(({ name, text }) => (text ? `${name} ${text}` : name))
  return { ...lanes, names, passed: () => trace.join('') }
}

test('messages are found wherever the stream is cut into chunks', () => {
  const stream = Buffer.concat([
    startup(version3, 'user\0me\0\0'),
    message('Q', 'begin\0'),
    message('P', 's1\0select $1\0\0\0'),
    message('B', 'p1\0s1\0\0\0secret'),
    message('E', 'p1\0\0\0\0\0'),
    message('S', ''),
  ])
  for (let size = 1; size <= stream.length; size++) {
    const t = setup()
    for (let at = 0; at < stream.length; at += size) t.toServer.push(stream.subarray(at, at + size))

    expect(t.names()).toEqual([
      'StartupMessage',
      'Query begin',
      'Parse select $1',
      'Bind select $1',
      'Execute select $1',
      'Sync',
    ])
    expect(t.passed()).toBe(stream.toString('latin1'))
  }
})

test('effects take place around their message wherever the stream is cut', () => {
  const row = message('D', 'x'.repeat(40))
  const stream = Buffer.concat([message('T', 'columns'), row, message('C', 'SELECT 1\0')])
  for (let size = 1; size <= stream.length; size++) {
    const t = setup('DataRow')
    t.toServer.push(startup(version3))
    for (let at = 0; at < stream.length; at += size) t.toClient.push(stream.subarray(at, at + size))

    const [, before, inner = '', after] = /(.*)<before>(.*)<after>(.*)/s.exec(t.passed()) ?? []
    expect(before?.endsWith('columns')).toBe(true)
    expect(inner.replace('<within>', '')).toBe(row.toString('latin1'))
    expect(inner).toMatch(/.<within>./s)
    expect(after).toBe(message('C', 'SELECT 1\0').toString('latin1'))
  }
})

test('after an encrypted answer all is opaque, both ways', () => {
  const t = setup()
  t.toServer.push(startup(sslRequest))
  t.toClient.push(Buffer.from('S'))

  t.toServer.push(startup(version3, 'never seen'))
  t.toClient.push(message('Z', 'I'))

  expect(t.names()).toEqual(['SSLRequest', 'EncryptionResponse S'])
  expect(t.passed()).toContain('never seen')
})

test('after a refused encryption the session begins in plain text', () => {
  const t = setup()
  t.toServer.push(startup(sslRequest))
  t.toClient.push(Buffer.from('N'))

  t.toServer.push(startup(version3))
  t.toServer.push(message('Q', 'select 1\0'))

  expect(t.names()).toEqual([
    'SSLRequest',
    'EncryptionResponse N',
    'StartupMessage',
    'Query select 1',
  ])
})

test.each([
  ['a TLS handshake', Buffer.from('160301020001', 'hex')],
  ['another protocol', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
])('%s passes unread', (_, bytes) => {
  const t = setup()

  t.toServer.push(bytes)

  expect(t.names()).toEqual([])
  expect(t.passed()).toBe(bytes.toString('latin1'))
})

test('an error is known by its SQLSTATE and message', () => {
  const t = setup()
  t.toServer.push(startup(version3))

  t.toClient.push(message('E', 'SERROR\0VERROR\0C40001\0Mcould not serialize\0\0'))

  expect(t.names().at(-1)).toBe('ErrorResponse 40001 could not serialize')
})

test('the text of a long statement is its beginning', () => {
  const t = setup()
  t.toServer.push(startup(version3))
  const long = message('Q', `select '${'x'.repeat(200_000)}'\0`)

  t.toServer.push(long.subarray(0, 100_000))
  t.toServer.push(long.subarray(100_000))
  t.toServer.push(message('X', ''))

  expect(t.names().slice(1)).toEqual([`Query select '${'x'.repeat(65_528)}`, 'Terminate'])
})
