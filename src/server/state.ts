import { requireSchema } from '../catalog/schema-version.ts'
import { displayName } from '../sql/names.ts'
import { withConnection, type Client } from '../pg/client.ts'
import { readDrained, type ModelState } from '../work/model.ts'
import { paceOfPlan } from '../work/pace.ts'
import { WORKER_NAME } from '../work/session.ts'
import { readWaiting, type Waiting } from '../work/waiting.ts'

/** One version of a read model, and what waits for it. */
export interface ModelStanding extends Waiting {
  readonly model: string
  readonly state: ModelState
  /** A change may wait so long. */
  readonly maxLagMs: number
}

/** What a database says of its read models at one moment. */
export interface DatabaseState {
  readonly models: readonly ModelStanding[]
  /** Sessions of workers, in whatever process. */
  readonly workers: number
}

const WORKERS = `
  select count(*)::int as workers
  from pg_stat_activity
  where datname = current_database() and application_name = $1::text`

/** Whoever asks for the health of a process does not wait for long. */
const PATIENCE_MS = 5_000

/** Reads it by a connection of its own. Fails where the database does not answer in time. */
export async function readState(url: string): Promise<DatabaseState> {
  const read = withConnection({ url, name: 'millrace health' }, async (client) => {
    await client.query(`set statement_timeout = ${String(PATIENCE_MS)}`)
    await requireSchema(client)
    const [row] = await client.query<{ workers: number }>(WORKERS, [WORKER_NAME])
    return { models: await readModelStandings(client), workers: row?.workers ?? 0 }
  })
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error('the database does not answer'))
    }, PATIENCE_MS)
  })
  try {
    return await Promise.race([read, late])
  } finally {
    clearTimeout(timer)
    // Who has not been waited for may still fail.
    read.catch(() => undefined)
  }
}

async function readModelStandings(client: Client): Promise<readonly ModelStanding[]> {
  const standings: ModelStanding[] = []
  for (const model of await readDrained(client)) {
    if (model.state === 'former') continue
    const waiting = await readWaiting(client, model)
    const { maxLagMs } = paceOfPlan(model.plan)
    standings.push({ ...waiting, model: displayName(model), state: model.state, maxLagMs })
  }
  return standings
}
