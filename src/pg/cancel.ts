import { setTimeout as sleep } from 'node:timers/promises'
import { withConnection, type Connection } from './client.ts'

/** A statement may begin just after the one before was cancelled, so it is asked for until all is over. */
const AGAIN_MS = 200

/** Runs `use`; from the signal on every statement of the connection is cancelled, by another connection, until `use` ends. */
export async function cancelledBy<T>(
  signal: AbortSignal,
  { client, url }: { readonly client: Connection; readonly url: string },
  use: () => Promise<T>,
): Promise<T> {
  const [own] = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
  let isOver = false
  const cancel = async () => {
    await withConnection({ url, name: 'millrace cancel' }, async (other) => {
      while (!isOver) {
        await other.query('select pg_cancel_backend($1::int)', [own?.pid])
        await sleep(AGAIN_MS)
      }
    })
  }
  // What cannot be cancelled ends by its own time-out.
  const onAbort = () => void cancel().catch(() => undefined)
  signal.addEventListener('abort', onAbort, { once: true })
  // An event of the past does not come again.
  if (signal.aborted) onAbort()
  try {
    return await use()
  } finally {
    isOver = true
    signal.removeEventListener('abort', onAbort)
  }
}
