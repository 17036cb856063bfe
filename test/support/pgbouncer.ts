import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect, createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Pooler } from './transaction-pooler.ts'

const BINARY = process.env['MILLRACE_PGBOUNCER'] ?? 'pgbouncer'

/** Is the real one on this machine? On Debian it is the package `pgbouncer`. */
export function hasPgBouncer(): boolean {
  return spawnSync(BINARY, ['--version'], { encoding: 'utf8' }).status === 0
}

export interface PgBouncerOptions {
  readonly mode: 'transaction' | 'session'
  /** Whether `options` is among the parameters that it swallows; otherwise it refuses the client. */
  readonly ignoresOptions: boolean
}

/** Starts the real PgBouncer before the database of this URL. */
export async function startPgBouncer(
  url: string,
  { mode, ignoresOptions }: PgBouncerOptions,
): Promise<Pooler> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-pgbouncer-'))
  await chmod(folder, 0o755)
  const { hostname, port: serverPort, username, password } = new URL(url)
  const port = await freePort()
  const file = join(folder, 'pgbouncer.ini')
  await writeFile(
    file,
    `[databases]
* = host=${hostname} port=${serverPort} user=${username} password=${password}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${String(port)}
unix_socket_dir =
auth_type = any
pool_mode = ${mode}
${ignoresOptions ? 'ignore_startup_parameters = options' : ''}
`,
  )
  // It does not run as root.
  const account = process.getuid?.() === 0 ? ['-u', 'nobody'] : []
  const bouncer = spawn(BINARY, ['-q', ...account, file], { stdio: 'ignore' })
  const ended = once(bouncer, 'exit')
  await untilOpen(port)

  const pooled = new URL(url)
  pooled.host = `127.0.0.1:${String(port)}`
  return {
    url: pooled.href,
    async end() {
      bouncer.kill('SIGKILL')
      await ended
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function freePort(): Promise<number> {
  const listener = createServer().listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const { port } = listener.address() as AddressInfo
  listener.close()
  await once(listener, 'close')
  return port
}

const LOOK_MS = 20

async function untilOpen(port: number): Promise<void> {
  for (;;) {
    const socket = connect(port, '127.0.0.1')
    const isOpen = await once(socket, 'connect').then(
      () => true,
      () => false,
    )
    socket.destroy()
    if (isOpen) return
    await pause(LOOK_MS)
  }
}
