import { setTimeout as sleep } from 'node:timers/promises'
import { MillraceError, type ErrorCode } from '../errors.ts'
import { SQLSTATE } from '../pg/errors.ts'
import { queryRows, sqlStateOf, type Queryable } from './queryable.ts'
import { WAITING_MODELS } from './token.sql.ts'

/** For what is waited, and how long. */
export interface WaitOptions {
  /** Names of the read models that are going to be read, with or without schema; all of them if none is given. */
  readonly models?: readonly string[] | undefined
  /** How long to wait at most, in milliseconds; a second if not given. 0 looks once. */
  readonly timeoutMs?: number | undefined
  /** Ends the waiting with the signal's reason. */
  readonly signal?: AbortSignal | undefined
}

export const DEFAULT_TIMEOUT_MS = 1_000
/** Each token of a list makes the question longer; nobody who forgets what has been passed comes near. */
export const MAX_TOKENS = 100
/** A worker that is awake drains a change within some ten milliseconds; one that is busy takes longer, and is not asked so often. */
const MIN_PAUSE_MS = 8
const PAUSE_GROWTH = 1.6
const MAX_PAUSE_MS = 20
/**
 * What waits is asked again when a model has been drained, and after so long in any case: a transaction may have ended, a queue been emptied.
 * That question costs the server as much as a page does, and was half of the work of one that had too much to do.
 */
const ASK_AGAIN_MS = 100

/**
 * Returns when the read models contain what the token's transaction wrote, so that a plain read finds it; at once for
 * null and for a transaction that was rolled back. Fails with TOKEN_TIMEOUT when that takes too long. `client` reads in
 * the database where the models will be read, the same one or its standby, outside of a transaction.
 */
export async function waitFor(
  client: Queryable,
  token: string | null | readonly (string | null)[],
  { models, timeoutMs = DEFAULT_TIMEOUT_MS, signal }: WaitOptions = {},
): Promise<void> {
  const tokens = distinct(token)
  if (tokens.length === 0) return

  const names = models === undefined ? null : [...models]
  const deadline = performance.now() + timeoutMs
  let drained: string | null = null
  let askAgainAt = deadline
  let pauseMs = MIN_PAUSE_MS
  for (;;) {
    signal?.throwIfAborted()
    const isTime = performance.now() >= askAgainAt
    const { waiting, marks }: Waits = await ask(client, [tokens, names, isTime ? null : drained])
    const now = performance.now()
    if (waiting !== null) {
      if (waiting.length === 0) return
      if (now >= deadline) throw notInTime(waiting, timeoutMs)
      drained = marks
      askAgainAt = Math.min(deadline, now + ASK_AGAIN_MS)
      pauseMs = MIN_PAUSE_MS
    }
    await pause(Math.min(pauseMs, askAgainAt - now), signal)
    pauseMs = Math.min(MAX_PAUSE_MS, pauseMs * PAUSE_GROWTH)
  }
}

interface Waits {
  /** Null where nothing has been drained since. */
  readonly waiting: readonly string[] | null
  readonly marks: string | null
}

/** Cut short by the signal, which is looked at next. */
async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  await sleep(Math.max(0, ms), undefined, { signal }).catch(() => undefined)
}

function distinct(token: string | null | readonly (string | null)[]): string[] {
  const tokens = [...new Set([token].flat())].filter((it) => it !== null)
  if (tokens.length <= MAX_TOKENS) return tokens
  throw new MillraceError('TOKEN_INVALID', {
    detail: `${String(tokens.length)} tokens at once`,
    hint: `Forget tokens that have been waited for; ${String(MAX_TOKENS)} are the limit.`,
  })
}

/** What waits; what goes wrong is told by a code of ours. */
async function ask(client: Queryable, values: unknown[]): Promise<Waits> {
  try {
    const [row] = await queryRows<Waits>(client, WAITING_MODELS, values)
    return row ?? { waiting: [], marks: null }
  } catch (error) {
    throw known(error)
  }
}

/** What the functions in the database raise, and what the server says where there are no such functions. */
const CODES: Readonly<Record<string, ErrorCode>> = {
  [SQLSTATE.TOKEN_INVALID]: 'TOKEN_INVALID',
  [SQLSTATE.TOKEN_OF_ANOTHER_CLUSTER]: 'TOKEN_OF_ANOTHER_CLUSTER',
  [SQLSTATE.UNDEFINED_OBJECT]: 'MODEL_UNKNOWN',
  [SQLSTATE.UNDEFINED_FUNCTION]: 'SCHEMA_NOT_INSTALLED',
  [SQLSTATE.INVALID_SCHEMA_NAME]: 'SCHEMA_NOT_INSTALLED',
}

const HINTS: Readonly<Partial<Record<ErrorCode, string>>> = {
  TOKEN_INVALID: 'Pass on what takeToken returned, as it is.',
  TOKEN_OF_ANOTHER_CLUSTER: 'Forget it: what it stands for was not written here.',
  MODEL_UNKNOWN: 'Name read models as they are declared, or none to wait for all.',
  SCHEMA_NOT_INSTALLED: 'Install the read models first: millrace migrate up.',
}

function known(error: unknown): unknown {
  const code = CODES[sqlStateOf(error) ?? '']
  if (code === undefined) return error
  const detail = error instanceof Error ? error.message : String(error)
  return new MillraceError(code, { detail, hint: HINTS[code], cause: error })
}

function notInTime(waiting: readonly string[], timeoutMs: number): MillraceError {
  return new MillraceError('TOKEN_TIMEOUT', {
    detail: `${waiting.join(', ')} after ${String(timeoutMs)} ms`,
    hint: 'Is a worker running, and the writer committed? The strict read is exact without waiting.',
  })
}
