import type { Hono } from 'hono'
import { streamSSE, type SSEStreamingApi } from 'hono/streaming'
import { z } from 'zod'
import { requireAccess, type Environment, type Request, type Surroundings } from '../environment.ts'
import { whileOpen } from './while-open.ts'

/** What is of one user alone, by its key. */
const OF_USER = ['unread_counts', 'intro_request_stats', 'user_activity_stats'] as const
const CONVERSATIONS = 'message_conversations_denorm'

const query = z.object({ with: z.uuid().optional() })

type Following = Pick<Surroundings, 'live' | 'sessions' | 'onError'>

/**
 * Says that something of the viewer's own has changed, and not what: whoever hears it reads the page anew, as who they are. `with`: the
 * other side of the conversation that is open.
 */
export function tellOwnChanges(app: Hono<Environment>, surroundings: Following): void {
  app.get('/live/mine', (context) => {
    requireAccess('signed-in', context.get('viewer'))
    const { with: other } = query.parse(context.req.query())
    return streamSSE(context, async (stream) => {
      await follow(context, stream, surroundings, other)
    })
  })
}

async function follow(
  context: Request,
  stream: SSEStreamingApi,
  { live, sessions, onError }: Following,
  other: string | undefined,
): Promise<void> {
  const [viewer, session] = [context.get('viewer'), context.get('session')]
  if (live === null || viewer === null || session === null) return
  const followed = [
    ...OF_USER.map((name) => ({ name, keys: [viewer.id] })),
    ...(other === undefined ? [] : [{ name: CONVERSATIONS, keys: bothSides(viewer.id, other) }]),
  ]
  const run = async (signal: AbortSignal, end: () => void) => {
    const tell = async (model: string) => {
      if ((await sessions.find(session)) === null) end()
      else await stream.writeSSE({ event: 'mine', data: model })
    }
    await Promise.all(
      followed.map(async ({ name, keys }) => {
        let isFirst = true
        for await (const { changes } of live.subscribe(name, { keys, signal })) {
          // The first one is what the page has shown already.
          if (!isFirst && changes.length > 0) await tell(name)
          isFirst = false
        }
      }),
    )
  }
  await whileOpen(stream, { run, onError })
}

/** Of the other's row only that it has changed is told: they have read what the viewer wrote. */
function bothSides(user_id: string, other_user_id: string) {
  return [
    { user_id, other_user_id },
    { user_id: other_user_id, other_user_id: user_id },
  ]
}
