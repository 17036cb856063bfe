import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import pg from 'pg'

/** Something that stands before the server, where clients look for it. */
export interface Pooler {
  /** The URL that leads through it to the same database. */
  readonly url: string
  end(): Promise<void>
}

export interface PoolerOptions {
  /** What becomes of the settings with which a client opens its session. */
  readonly settings: 'refused' | 'ignored' | 'passed on'
  /** Which free line a transaction gets: the one that was used last, as in PgBouncer, or each in its turn. */
  readonly lines?: 'last' | 'in turn'
}

/**
 * A pooler in transaction mode, as small as it can be: two lines to the server, each lent to a client for as long as the
 * server says that a transaction is open (the status byte of ReadyForQuery), and then to the next.
 */
export async function startTransactionPooler(
  url: string,
  { settings, lines = 'last' }: PoolerOptions,
): Promise<Pooler> {
  const pool: Pool = { url, settings, lines, all: [], free: [], waiting: [] }
  if (lines === 'in turn') {
    for (const line of [await openLine(pool, ''), await openLine(pool, '')]) release(pool, line)
  }
  const clients = new Set<Socket>()
  const listener = createServer((client) => {
    clients.add(client)
    client.on('close', () => clients.delete(client))
    client.on('error', () => undefined)
    greet(client, pool)
  })
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')

  const pooled = new URL(url)
  pooled.host = `127.0.0.1:${String((listener.address() as AddressInfo).port)}`
  return {
    url: pooled.href,
    async end() {
      for (const socket of [...clients, ...pool.all.map((line) => line.socket)]) socket.destroy()
      listener.close()
      await once(listener, 'close')
    },
  }
}

/** A session of the server. */
interface Line {
  readonly socket: Socket
  /** Whoever it is lent to. */
  receive: (message: Message) => void
}

interface Pool extends Required<PoolerOptions> {
  readonly url: string
  readonly all: Line[]
  readonly free: Line[]
  readonly waiting: ((line: Line) => void)[]
}

const LINES = 2

async function acquire(pool: Pool, options: string): Promise<Line> {
  const line = pool.lines === 'last' ? pool.free.pop() : pool.free.shift()
  if (line !== undefined) return line
  if (pool.all.length < LINES) return await openLine(pool, options)
  return await new Promise((resolve) => pool.waiting.push(resolve))
}

function release(pool: Pool, line: Line): void {
  line.receive = () => undefined
  const next = pool.waiting.shift()
  if (next === undefined) pool.free.push(line)
  else next(line)
}

/** The driver logs in, and then has its socket taken away. */
async function openLine(pool: Pool, options: string): Promise<Line> {
  const client = new pg.Client({ connectionString: pool.url, ...(options !== '' && { options }) })
  await client.connect()
  const { stream: socket } = (client as unknown as { readonly connection: { readonly stream: Socket } })
    .connection
  for (const event of ['data', 'end', 'close', 'error']) socket.removeAllListeners(event)
  socket.on('error', () => undefined)
  const line: Line = { socket, receive: () => undefined }
  readMessages(socket, (message) => {
    line.receive(message)
  })
  pool.all.push(line)
  return line
}

interface Message {
  readonly type: string
  readonly bytes: Buffer
}

/** Type, length, body: all messages but the first are like this. */
function readMessages(
  socket: Socket,
  onMessage: (message: Message) => void,
  begun: Buffer = Buffer.alloc(0),
): void {
  let buffer: Buffer = begun
  const read = () => {
    while (buffer.length >= 5 && buffer.length > buffer.readInt32BE(1)) {
      const end = 1 + buffer.readInt32BE(1)
      const bytes = buffer.subarray(0, end)
      buffer = buffer.subarray(end)
      onMessage({ type: String.fromCharCode(bytes[0] ?? 0), bytes })
    }
  }
  socket.on('data', (chunk: Buffer) => {
    buffer = Buffer.concat([buffer, chunk])
    read()
  })
  read()
}

const AUTHENTICATED = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0])
const READY = Buffer.from([0x5a, 0, 0, 0, 5, 0x49])

/** A client's first message has no type: length, version, and its settings. */
function greet(client: Socket, pool: Pool): void {
  let buffer: Buffer = Buffer.alloc(0)
  const onData = (chunk: Buffer) => {
    buffer = Buffer.concat([buffer, chunk])
    if (buffer.length < 4 || buffer.length < buffer.readInt32BE(0)) return
    client.off('data', onData)
    const end = buffer.readInt32BE(0)
    const parts = buffer.subarray(8, end).toString().split('\0')
    const options = parts[parts.indexOf('options') + 1] ?? ''
    if (pool.settings === 'refused' && parts.includes('options')) {
      client.end(refusal('unsupported startup parameter: options'))
      return
    }
    client.write(Buffer.concat([AUTHENTICATED, READY]))
    serve(client, pool, pool.settings === 'passed on' ? options : '', buffer.subarray(end))
  }
  client.on('data', onData)
}

function refusal(text: string): Buffer {
  const fields = `SFATAL\0VFATAL\0C08P01\0M${text}\0\0`
  const head = Buffer.from([0x45, 0, 0, 0, 0])
  head.writeInt32BE(4 + fields.length, 1)
  return Buffer.concat([head, Buffer.from(fields)])
}

/** Lends the client a line with its first message, and takes it back when the server is done and no transaction is open. */
function serve(client: Socket, pool: Pool, options: string, begun: Buffer): void {
  const state: Lent = { line: undefined, isAcquiring: false, unsent: [], awaited: 0 }
  const send = () => {
    const { line } = state
    if (line === undefined) {
      if (!state.isAcquiring && state.unsent.length > 0) void lend()
      return
    }
    for (const { type, bytes } of state.unsent.splice(0)) {
      if (type === 'Q' || type === 'S') state.awaited += 1
      line.socket.write(bytes)
    }
  }
  const lend = async () => {
    state.isAcquiring = true
    const line = await acquire(pool, options)
    state.isAcquiring = false
    if (client.destroyed) {
      release(pool, line)
      return
    }
    state.line = line
    line.receive = (message) => {
      client.write(message.bytes)
      if (isOver(state, message)) giveBack(state, pool)
      send()
    }
    send()
  }
  readMessages(
    client,
    (message) => {
      if (message.type === 'X') return
      state.unsent.push(message)
      send()
    },
    begun,
  )
  client.on('close', () => {
    rollBack(state, pool)
  })
}

interface Lent {
  line: Line | undefined
  isAcquiring: boolean
  readonly unsent: Message[]
  /** How often the server has yet to say that it is ready. */
  awaited: number
}

function isOver(state: Lent, { type, bytes }: Message): boolean {
  if (type !== 'Z') return false
  state.awaited -= 1
  return state.awaited === 0 && state.unsent.length === 0 && String.fromCharCode(bytes[5] ?? 0) === 'I'
}

function giveBack(state: Lent, pool: Pool): void {
  const { line } = state
  state.line = undefined
  if (line !== undefined) release(pool, line)
}

/** A client that goes in the middle of a transaction leaves none behind. */
function rollBack(state: Lent, pool: Pool): void {
  const { line } = state
  if (line === undefined) return
  state.awaited += 1
  line.receive = (message) => {
    if (isOver(state, message)) giveBack(state, pool)
  }
  const text = 'rollback\0'
  const head = Buffer.from([0x51, 0, 0, 0, 0])
  head.writeInt32BE(4 + text.length, 1)
  line.socket.write(Buffer.concat([head, Buffer.from(text)]))
}
