import { MillraceError } from '../errors.ts'
import type { Queryable } from './queryable.ts'
import { DEFAULT_TIMEOUT_MS, MAX_TOKENS, waitFor, type WaitOptions } from './wait-for.ts'

/** Carries tokens: from the writer's response to the client, and in the client's next requests back. */
export const TOKEN_HEADER = 'Millrace-Token'

/**
 * Says in a reader's response what became of the tokens in its request. `true`: the answer contains what they stand for.
 * `false`: it may not, for the limit was reached first. `unknown`: they are no tokens of this database. The header is
 * missing where the request brought none.
 */
export const FRESH_HEADER = 'Millrace-Fresh'

/** What `FRESH_HEADER` says: whether the answer has all that the request's tokens stand for; `unknown` where they are no tokens of this database. */
export type Freshness = 'true' | 'false' | 'unknown'

/** Puts a writer's token into the headers of its response, beside those that are there. */
export function giveToken(headers: Headers, token: string | null): void {
  if (token !== null) headers.append(TOKEN_HEADER, token)
}

/** The tokens of a request or a response. */
export function tokensIn(headers: Headers): readonly string[] {
  const list = (headers.get(TOKEN_HEADER) ?? '').split(',').map((it) => it.trim())
  return [...new Set(list)].filter((it) => it !== '')
}

/**
 * The tokens that a client sends next, after a response to a request with `sent`. What has been passed is forgotten, what
 * came new is added. All are kept, and not only the newest: of two transactions the one with the lower number may commit
 * later.
 */
export function tokensAfter(
  tokens: readonly string[],
  sent: readonly string[],
  { headers }: Pick<Response, 'headers'>,
): readonly string[] {
  const fresh = headers.get(FRESH_HEADER)
  const isSettled = fresh !== null && fresh !== 'false'
  const kept = isSettled ? tokens.filter((it) => !sent.includes(it)) : tokens
  return [...new Set([...kept, ...tokensIn(headers)])]
}

/** Where a response is read, and how long it may wait for what its reader has written. */
export interface FreshOptions extends Pick<WaitOptions, 'models' | 'timeoutMs'> {
  /** Where the read models are read. */
  readonly client: Queryable
}

/**
 * Answers a read with what the client has written itself: waits for the tokens of the request, up to the limit, reads then
 * in any case, and says in a header whether the answer is fresh.
 */
export async function respondFresh(
  request: Request,
  { client, ...options }: FreshOptions,
  respond: () => Response | Promise<Response>,
): Promise<Response> {
  const tokens = tokensIn(request.headers)
  const freshness = await reach(client, tokens, { ...options, signal: request.signal })
  const response = await respond()
  // A response of fetch has headers that cannot be changed.
  const answer = new Response(response.body, response)
  answer.headers.append('Vary', TOKEN_HEADER)
  if (tokens.length > 0) answer.headers.set(FRESH_HEADER, freshness)
  return answer
}

async function reach(client: Queryable, tokens: readonly string[], options: WaitOptions): Promise<Freshness> {
  const startedAt = performance.now()
  const freshness = await reachTogether(client, tokens, options)
  if (freshness !== 'unknown' || tokens.length === 1 || tokens.length > MAX_TOKENS) return freshness

  // One that is unknown, of before a move to another server perhaps, does not make the others less worth a wait.
  const { timeoutMs = DEFAULT_TIMEOUT_MS } = options
  const each: Freshness[] = []
  for (const token of tokens) {
    const leftMs = Math.max(0, timeoutMs - (performance.now() - startedAt))
    each.push(await reachTogether(client, [token], { ...options, timeoutMs: leftMs }))
  }
  return each.includes('false') ? 'false' : 'unknown'
}

async function reachTogether(
  client: Queryable,
  tokens: readonly string[],
  options: WaitOptions,
): Promise<Freshness> {
  try {
    await waitFor(client, tokens, options)
    return 'true'
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error
    if (error.code === 'TOKEN_TIMEOUT') return 'false'
    if (error.code === 'TOKEN_INVALID' || error.code === 'TOKEN_OF_ANOTHER_CLUSTER') return 'unknown'
    throw error
  }
}
