import pg from 'pg'
import type { Statement } from '../subjects/subject.ts'

export interface LoadOptions {
  readonly url: string
  readonly clients: number
  readonly warmUpMs: number
  readonly measureMs: number
  /** The next row to write. */
  readonly statement: () => Statement
}

export interface Load {
  /** Commits that the writers were told of while the clock ran. */
  readonly perSecond: number
  /** Those of the warm-up, and those that ended after the clock, included. */
  readonly commits: number
}

/** So many connections, each of which writes one row and waits for its commit before it writes the next. */
export async function runLoad({ url, clients, ...options }: LoadOptions): Promise<Load> {
  const connections = await Promise.all(Array.from({ length: clients }, () => connectWriter(url)))
  try {
    const measureFrom = performance.now() + options.warmUpMs
    const clock = { measureFrom, endAt: measureFrom + options.measureMs }
    const counts = await Promise.all(connections.map((connection) => write(connection, clock, options)))
    return {
      perSecond: (1_000 * sum(counts.map(({ measured }) => measured))) / options.measureMs,
      commits: sum(counts.map(({ commits }) => commits)),
    }
  } finally {
    await Promise.all(connections.map((connection) => connection.end()))
  }
}

async function connectWriter(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, application_name: 'millrace bench writer' })
  await client.connect()
  return client
}

interface Clock {
  readonly measureFrom: number
  readonly endAt: number
}

async function write(
  client: pg.Client,
  { measureFrom, endAt }: Clock,
  { statement }: Pick<LoadOptions, 'statement'>,
): Promise<{ readonly measured: number; readonly commits: number }> {
  let measured = 0
  let commits = 0
  for (let now = performance.now(); now < endAt;) {
    await client.query(statement())
    now = performance.now()
    commits += 1
    if (now >= measureFrom && now < endAt) measured += 1
  }
  return { measured, commits }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, it) => total + it, 0)
}
