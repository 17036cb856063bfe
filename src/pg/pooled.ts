import { withConnection, type Client } from './client.ts'
import { hasSqlState, pooledConnection, SQLSTATE } from './errors.ts'

const OWN_PROCESS = 'select pg_backend_pid() as pid'

/** One of the settings that every connection of ours is opened with (client.ts), and that nobody has by default. */
const PINNED_SETTING = `select current_setting('plan_cache_mode') = 'force_custom_plan' as "isPinned"`

/**
 * Fails if the URL leads to a pooler that gives each transaction to whichever server process is free, or that keeps the
 * settings of a session to itself. It never accuses the server itself: its settings arrive, and two sessions that are open
 * at the same time have two processes.
 */
export async function expectOwnSession(client: Client, url: string): Promise<void> {
  const [settings] = await client.query<{ isPinned: boolean }>(PINNED_SETTING)
  if (settings?.isPinned !== true) throw pooledConnection('the settings of the session do not arrive')

  try {
    await withConnection({ url, name: 'millrace pooler check' }, (other) => expectApart(client, other))
  } catch (error) {
    // A role that may have one connection only is not asked for two.
    if (!hasSqlState(error, SQLSTATE.TOO_MANY_CONNECTIONS)) throw error
  }
}

async function expectApart(client: Client, other: Client): Promise<void> {
  const own = await processOf(client)
  // A pooler must now give the other a process for as long as its transaction lasts; ours is free to be taken.
  await other.query('begin')
  const isShared = (await processOf(other)) === own || (await processOf(client)) !== own
  await other.query('rollback')
  if (isShared) throw pooledConnection('two sessions get the same server process')
}

async function processOf(client: Client): Promise<number | undefined> {
  const [row] = await client.query<{ pid: number }>(OWN_PROCESS)
  return row?.pid
}
