import { connect } from '../../pg/client.ts'
import { readModels } from '../../work/model.ts'
import { copyOf, dropDatabase, type Made } from '../test-database.ts'
import type { Stage } from './play.ts'

export const SESSIONS = 3
/** Nobody else is at work when a session waits for a lock, so it would wait for ever: any time will do. */
const LOCK_TIMEOUT = '20ms'

/** A database as the template has it, and sessions in it; dropped afterwards. */
export async function onStage<T>(
  { serverUrl, template }: Pick<Made, 'serverUrl' | 'template'>,
  use: (stage: Stage) => Promise<T>,
): Promise<T> {
  const { url, client: worker } = await copyOf(serverUrl, template)
  const sessions = []
  try {
    for (let i = 0; i < SESSIONS; i += 1) {
      const session = await connect({ url, name: `millrace fuzz ${String(i + 1)}` })
      sessions.push(session)
      await session.query(`set lock_timeout = '${LOCK_TIMEOUT}'`)
    }
    return await use({ sessions, worker, models: await readModels(worker) })
  } finally {
    for (const each of [...sessions, worker]) await each.end()
    await dropDatabase(serverUrl, url)
  }
}
