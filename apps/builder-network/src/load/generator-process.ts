// The process that sends the requests: `runLoad` starts it.
import { withClient } from '../database.ts'
import { randomFrom } from '../random.ts'
import { answerParent, givenInput } from './children.ts'
import { generate, type Generator } from './generator.ts'
import { holdLive, type LiveConnections } from './live-connections.ts'
import { ownProcessorMs } from './processor-time.ts'
import { startSessions } from './sessions.ts'
import { readWorld } from './world.ts'

export interface GeneratorInput {
  readonly databaseUrl: string
  readonly origin: string
  readonly sessions: number
  readonly thinkMs: number
  readonly giveUpMs: number
  /** Over so long they come, one after another. */
  readonly joinMs: number
  readonly seed: number
  /** So many of the sessions have the feed open. */
  readonly live: number
}

const { databaseUrl, sessions, live: held, ...input } = givenInput() as GeneratorInput
const stop = new AbortController()
let generator: Generator | undefined
let live: LiveConnections | undefined

answerParent(
  {
    start: async () => {
      const prepared = await withClient(databaseUrl, async (client) => ({
        sessions: await startSessions(client, sessions),
        world: await readWorld(client),
      }))
      live = holdLive(input.origin, prepared.sessions.slice(0, held), randomFrom(input.seed))
      // All at once they are what no day begins with.
      await live.begun
      generator = generate({ ...input, ...prepared, signal: stop.signal })
    },
    measure: () => {
      generator?.measure()
      live?.measure()
    },
    live: () => live?.figures(),
    finish: async () => {
      const generated = await generator?.finish()
      await live?.close()
      return generated
    },
    processor: ownProcessorMs,
  },
  async () => {
    stop.abort()
    await live?.close()
  },
)
