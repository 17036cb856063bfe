import { spawn, spawnSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { existsSync, openSync } from 'node:fs'
import { chmod, chown, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { MillraceError } from '../../errors.ts'
import { connect } from '../client.ts'
import { hasSqlState, SQLSTATE } from '../errors.ts'
import { canEnter, serverAccount, type Account } from './account.ts'
import { findBinaries, type Binaries } from './binaries.ts'
import { withStartLock } from './start-lock.ts'
import { enter, isAlive, leave } from './users.ts'

export interface EmbeddedOptions {
  /** Where the server keeps everything: `.millrace` beside the configuration. */
  readonly directory: string
  /** 'off' for tests: a power cut may destroy the data, a crash of the server does not. */
  readonly durability?: 'full' | 'off'
  /** A folder with `native/bin/postgres`, for another version. */
  readonly serverPackage?: string | undefined
  /** A free one where absent. Who starts a server again after a crash wants the one that clients know. */
  readonly port?: number | undefined
  /** More settings, by their names in `postgresql.conf`, for when it starts. */
  readonly settings?: Readonly<Record<string, string>>
}

export interface EmbeddedServer {
  /** Connects as the superuser to database `postgres`. */
  readonly url: string
  readonly dataDirectory: string
  /** Stops the server, unless another process uses it still. */
  stop(): Promise<void>
  /** Stops it at once, without a checkpoint: for tests, as good as a crash. */
  stopImmediately(): Promise<void>
}

const DEFAULTS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  shared_preload_libraries: 'pg_stat_statements',
  shared_buffers: '256MB',
  max_connections: '200',
  max_prepared_transactions: '50',
  wal_level: 'replica',
}
const DURABILITY = {
  full: {},
  off: { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' },
}

const START_MS = 30_000
const LOOK_MS = 20

/** Starts a real PostgreSQL, or finds the one that another command of the same project started. */
export async function startEmbedded({
  directory,
  durability = 'full',
  serverPackage,
  port: wantedPort,
  settings = {},
}: EmbeddedOptions): Promise<EmbeddedServer> {
  await mkdir(directory, { recursive: true })
  await writeFile(join(directory, '.gitignore'), '*\n')
  const account = serverAccount()
  const home = await homeFor(directory, account)
  const data = join(home, 'data')
  const users = join(directory, 'users')

  const { port, password } = await withStartLock(join(directory, 'start.lock'), async () => {
    await enter(users)
    const secret = await readPassword(directory)
    const running = await runningPort(data)
    if (running !== undefined) return { port: running, password: secret }
    const binaries = await findBinaries(account, serverPackage)
    if (!existsSync(join(data, 'PG_VERSION'))) await initialise(binaries, account, data, secret)
    const free = wantedPort ?? (await freePort())
    await launch(binaries, account, data, {
      port: free,
      password: secret,
      settings: { ...DEFAULTS, ...DURABILITY[durability], ...settings },
    })
    return { port: free, password: secret }
  })

  return {
    url: urlOf(port, password),
    dataDirectory: data,
    stop: () =>
      withStartLock(join(directory, 'start.lock'), async () => {
        if (await leave(users)) await signal(data, 'SIGINT')
      }),
    stopImmediately: () => signal(data, 'SIGQUIT'),
  }
}

function urlOf(port: number, password: string): string {
  return `postgres://postgres:${password}@127.0.0.1:${String(port)}/postgres`
}

/** Beside the configuration, unless that is in a place that the server's account cannot enter (root's home). */
async function homeFor(directory: string, account: Account): Promise<string> {
  if (canEnter(directory, account)) return directory
  const name = createHash('sha256').update(directory).digest('hex').slice(0, 12)
  const home = join(tmpdir(), `millrace-data-${name}`)
  await mkdir(home, { recursive: true, mode: 0o755 })
  return home
}

/** Every local user can reach a loopback port, so even this server asks for a password. */
async function readPassword(directory: string): Promise<string> {
  const file = join(directory, 'password')
  if (existsSync(file)) return (await readFile(file, 'utf8')).trim()
  const password = randomBytes(16).toString('hex')
  await writeFile(file, password, { mode: 0o600 })
  return password
}

async function initialise(
  binaries: Binaries,
  account: Account,
  data: string,
  password: string,
): Promise<void> {
  await rm(data, { recursive: true, force: true })
  await mkdir(data, { recursive: true })
  const passwordFile = `${data}.password`
  await writeFile(passwordFile, password, { mode: 0o600 })
  if (account.uid !== undefined && account.gid !== undefined) {
    await chown(data, account.uid, account.gid)
    await chown(passwordFile, account.uid, account.gid)
  }
  await chmod(data, 0o700)

  const options = ['-D', data, '-U', 'postgres', '-A', 'scram-sha-256', `--pwfile=${passwordFile}`]
  const result = spawnSync(binaries.initdb, [...options, '-E', 'UTF8', '--locale=C', '--no-sync'], {
    env: binaries.env,
    cwd: '/',
    encoding: 'utf8',
    ...ids(account),
  })
  await rm(passwordFile, { force: true })
  if (result.status === 0) return
  await rm(data, { recursive: true, force: true })
  throw failed('initdb failed', result.stderr)
}

interface Launch {
  readonly settings: Readonly<Record<string, string>>
  readonly port: number
  readonly password: string
}

async function launch(
  binaries: Binaries,
  account: Account,
  data: string,
  { settings, port, password }: Launch,
): Promise<void> {
  const log = `${data}.log`
  const output = openSync(log, 'a')
  const chosen = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const child = spawn(binaries.postgres, ['-D', data, '-p', String(port), ...chosen], {
    env: binaries.env,
    cwd: '/',
    // A process group of its own: Ctrl-C is for us, and we stop the server in order.
    detached: true,
    stdio: ['ignore', output, output],
    ...ids(account),
  })
  child.unref()

  const exited = new Promise<'exited'>((resolve) =>
    child.once('exit', () => {
      resolve('exited')
    }),
  )
  const outcome = await Promise.race([exited, answers(urlOf(port, password))])
  if (outcome === 'answers') return
  child.kill('SIGKILL')
  throw failed(
    outcome === 'exited' ? 'the server ended at once' : 'the server does not answer',
    await readFile(log, 'utf8'),
  )
}

/** A server that recovers from a crash says so, perhaps for minutes: only silence is limited. */
async function answers(url: string): Promise<'answers' | 'silent'> {
  for (let silentMs = 0; silentMs < START_MS; silentMs += LOOK_MS) {
    try {
      await (await connect({ url })).end()
      return 'answers'
    } catch (error) {
      // Refused, or whatever else it is: the time runs out.
      if (hasSqlState(error, SQLSTATE.CANNOT_CONNECT_NOW)) silentMs = 0
      await sleep(LOOK_MS)
    }
  }
  return 'silent'
}

/** The port of a server that runs on this data, from the file that PostgreSQL itself keeps. */
async function runningPort(data: string): Promise<number | undefined> {
  const lines = (await readFile(join(data, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n')
  const [pid, , , port] = lines
  if (pid === undefined || port === undefined || !isAlive(Number(pid))) return undefined
  return Number(port)
}

async function signal(data: string, name: 'SIGINT' | 'SIGQUIT'): Promise<void> {
  const [line] = (await readFile(join(data, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n')
  const pid = Number(line)
  if (!(pid > 0) || !isAlive(pid)) return
  process.kill(pid, name)
  for (let waited = 0; waited < START_MS && isAlive(pid); waited += LOOK_MS) await sleep(LOOK_MS)
}

async function freePort(): Promise<number> {
  return await new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => {
        if (address === null || typeof address === 'string') reject(new Error('no port'))
        else resolve(address.port)
      })
    })
  })
}

function ids({ uid, gid }: Account): { uid?: number; gid?: number } {
  return uid === undefined || gid === undefined ? {} : { uid, gid }
}

function failed(detail: string, output: string): MillraceError {
  return new MillraceError('EMBEDDED_SERVER_FAILED', {
    detail: `${detail}: ${output.trim().split('\n').slice(-3).join(' / ')}`,
    hint: 'Set `database` in the configuration to a PostgreSQL server of your own, or remove .millrace to begin anew.',
  })
}
