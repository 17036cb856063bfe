import { ACTIONS, chooseAction, isRead } from '../src/actions/all.ts'
import { withClient } from '../src/database.ts'
import { randomFrom } from '../src/random.ts'
import { SCALES } from '../src/sizes.ts'

export interface Written {
  /** How often each action was done. */
  readonly actions: ReadonlyMap<string, number>
  readonly writes: number
  readonly errors: readonly string[]
}

/** What is not an error: a transaction that the server asks to try again. */
const TRY_AGAIN = ['40001', '40P01']

/** People who do nothing but write, as users of the application do, each in a session of their own, until the signal. */
export async function writeUntil(
  signal: AbortSignal,
  {
    url,
    people,
    seed,
    pauseMs = 0,
  }: { readonly url: string; readonly people: number; readonly seed: number; readonly pauseMs?: number },
): Promise<Written> {
  const actions = new Map(ACTIONS.filter(({ name }) => !isRead(name)).map(({ name }) => [name, 0]))
  const errors: string[] = []
  const live = async (person: number) => {
    const random = randomFrom(seed * 1_000 + person)
    await withClient(url, async (client) => {
      while (!signal.aborted) {
        const action = chooseAction(random)
        if (isRead(action.name)) continue
        const { text, values } = action.statement(random, SCALES.tiny)
        try {
          await client.query(text, values)
          actions.set(action.name, (actions.get(action.name) ?? 0) + 1)
        } catch (error) {
          const { code, message } = error as { readonly code?: string; readonly message: string }
          if (!TRY_AGAIN.includes(code ?? '')) errors.push(`${action.name}: ${message}`)
        }
        if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs * 2 * random.next()))
      }
    })
  }
  await Promise.all(Array.from({ length: people }, (_, i) => live(i)))
  return { actions, writes: [...actions.values()].reduce((sum, n) => sum + n, 0), errors }
}
