import { createHash } from 'node:crypto'
import pg from 'pg'
import { withClient } from '../../database.ts'
import { randomFrom, type Random } from '../../random.ts'
import { letArrive, type Arrival } from '../arrivals.ts'
import { newRecorder, type KindFigures, type Recorder } from '../figures.ts'
import { chooseKind } from '../mix.ts'
import type { Session } from '../sessions.ts'
import type { World } from '../world.ts'
import type { Contender, Statement } from './contender.ts'

export interface DriveOptions {
  readonly appUrl: string
  readonly adminUrl: string
  readonly sessions: readonly Session[]
  readonly world: World
  readonly thinkMs: number
  readonly seconds: number
  readonly seed: number
  readonly signal: AbortSignal
}

export interface Driven {
  readonly kinds: Readonly<Record<string, KindFigures>>
  readonly errors: readonly string[]
  /** Requests that arrived, and how many of them were not answered at the end. */
  readonly arrived: number
  readonly unanswered: number
  readonly seconds: number
}

/** As many as the pool of the web application. */
const CONNECTIONS = 20
const NAME = 'contender'

interface State {
  arrived: number
  isOver: boolean
  readonly open: Set<Promise<void>>
  readonly recorder: Recorder
  readonly pool: pg.Pool
  readonly random: Random
}

/** The same arrivals as those of the web application, straight to the database, for so many seconds; what then waits is dropped. */
export async function drive(contender: Contender, options: DriveOptions): Promise<Driven> {
  const { appUrl, adminUrl, sessions, thinkMs, seconds, signal } = options
  const pool = new pg.Pool({ connectionString: appUrl, max: CONNECTIONS, application_name: NAME })
  // Those that are ended at the end.
  pool.on('error', () => undefined)
  const random = randomFrom(options.seed)
  const state: State = { arrived: 0, isOver: false, open: new Set(), recorder: newRecorder(), pool, random }
  const startedAt = performance.now()
  const end = startedAt + seconds * 1_000
  await letArrive({ sessions: sessions.length, thinkMs, joinMs: 0 }, { random, end, signal }, (arrival) => {
    const serving = serve(arrival, contender, options, state)
    state.open.add(serving)
    void serving.finally(() => state.open.delete(serving))
  })
  const elapsed = (performance.now() - startedAt) / 1_000
  const unanswered = state.open.size
  state.isOver = true
  await endAll(adminUrl)
  await Promise.all(state.open)
  await pool.end()
  const { arrived, recorder } = state
  return { kinds: recorder.kinds(), errors: recorder.errors(), arrived, unanswered, seconds: elapsed }
}

async function serve(
  { at, session: number }: Arrival,
  contender: Contender,
  { sessions, world }: DriveOptions,
  state: State,
): Promise<void> {
  const { random, recorder } = state
  const session = sessions[number]
  if (session === undefined) return
  state.arrived += 1
  const kind = chooseKind(random)
  try {
    await withConnection(state, async (client) => {
      await askStatements(client, contender.statements(kind, random, world, session), () => state.isOver)
    })
    if (!state.isOver) recorder.note(kind, performance.now() - at)
  } catch (error) {
    if (!state.isOver) recorder.fail(kind, error instanceof Error ? error.message : String(error))
  }
}

/** Whoever still waits for one when it is over gets it, and has nothing to ask any more. */
async function withConnection(state: State, use: (client: pg.PoolClient) => Promise<void>): Promise<void> {
  const client = await state.pool.connect()
  // At the end it is ended by the server, in the middle of a statement.
  const ignore = () => undefined
  client.on('error', ignore)
  let isBroken = true
  try {
    await use(client)
    isBroken = false
  } finally {
    client.off('error', ignore)
    // One that is whole serves all who still wait: they are tens of thousands.
    client.release(isBroken)
  }
}

/** Runs statements one after the other, each prepared once for a connection; none once it `isOver`. */
export async function askStatements(
  client: Pick<pg.ClientBase, 'query'>,
  statements: readonly Statement[],
  isOver: () => boolean = () => false,
): Promise<void> {
  for (const { text, values } of statements) {
    if (isOver()) return
    await client.query({ name: statementName(text), text, values: [...values] })
  }
}

/** The same for the same text. */
function statementName(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 22)
}

/** What runs still is not waited for: a refresh may take minutes. */
async function endAll(adminUrl: string): Promise<void> {
  await withClient(adminUrl, (client) =>
    client.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where datname = current_database() and application_name = $1`,
      [NAME],
    ),
  )
}
