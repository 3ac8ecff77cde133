import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { createInterface } from 'node:readline'

/** Takes mails and keeps their texts: as much of SMTP as a client needs to be rid of one. */
export interface SmtpServer extends AsyncDisposable {
  readonly url: string
  readonly mails: readonly string[]
}

/** How the server takes the text of a mail: `refuse` is its answer, or it says nothing. */
export interface SmtpServerOptions {
  refuse?: string
  silent?: boolean
}

export async function smtpServer(options: SmtpServerOptions = {}): Promise<SmtpServer> {
  const mails: string[] = []
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    // A client may be killed in the middle of its mail.
    socket.on('error', () => {}).on('close', () => sockets.delete(socket))
    converse(socket, mails, options).catch(() => {})
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    mails,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close')
      server.close()
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}

async function converse(
  socket: Socket,
  mails: string[],
  { refuse, silent = false }: SmtpServerOptions,
): Promise<void> {
  const say = (line: string) => socket.write(`${line}\r\n`)
  let text: string[] | undefined
  say('220 ready')
  for await (const line of createInterface({ input: socket })) {
    if (text !== undefined && line !== '.') text.push(line)
    else if (text !== undefined) {
      if (refuse === undefined) mails.push(text.join('\n'))
      if (!silent) say(refuse ?? '250 thanks')
      text = undefined
    } else if (/^data/i.test(line)) {
      text = []
      say('354 go ahead')
    } else if (/^quit/i.test(line)) {
      say('221 bye')
      socket.end()
    } else say('250 ok')
  }
}
