import type { Hono } from 'hono'
import { respondFresh, waitFor, MillraceError, TOKEN_HEADER } from 'millrace/client'
import type { Environment, Request, Surroundings } from './environment.ts'
import { requireAccess } from './environment.ts'
import { freshness } from './html/freshness.ts'
import { html, textOf } from './html/html.ts'
import { layout } from './html/layout.ts'
import type { Answer, Page } from './page.ts'
import { notFound } from './refusal.ts'
import { lastWritten } from './sessions/cookies.ts'
import type { Share } from './shared-answers.ts'
import { tallied, type Tally } from './store.ts'

/** Each page twice: as HTML for people, as JSON for programs. */
export function showPages(app: Hono<Environment>, pages: readonly Page[], surroundings: Surroundings): void {
  for (const page of pages) {
    app.get(page.path, async (context) => await asHtml(page, context, surroundings))
    app.get(page.api, async (context) => await asJson(page, context, surroundings))
  }
}

async function asHtml(page: Page, context: Request, surroundings: Surroundings): Promise<Response> {
  requireAccess(page.access, context.get('viewer'))
  const token = unseen(page, context, surroundings)
  const isCaughtUp = token === null || (await catchUp(token, page, context, surroundings))
  const { data, viewer, url, ageMs } = await answerOf(page, context, surroundings, token)
  const frame = { viewer, url }
  if (page.isFragment) return context.html(await textOf(data.view(frame)))
  const age = page.models.length === 0 ? '' : freshness(ageMs)
  const document = layout({
    ...frame,
    title: data.title,
    links: surroundings.demo?.links,
    body: html`${data.view(frame)} ${age}`,
    notice: isCaughtUp ? undefined : 'What you have just done is saved; this page shows it in a moment.',
  })
  return context.html(await textOf(document))
}

async function asJson(page: Page, context: Request, surroundings: Surroundings): Promise<Response> {
  requireAccess(page.access, context.get('viewer'))
  const { store, waitMs: timeoutMs } = surroundings
  const waiting = { client: store.waits, models: [...page.models], timeoutMs }
  const token = unseen(page, context, surroundings)
  return await respondFresh(context.req.raw, waiting, async () => {
    const { data, ageMs } = await answerOf(page, context, surroundings, token)
    if (ageMs !== null) context.header('Age-Ms', String(Math.round(ageMs)))
    return context.json(data.data as object)
  })
}

interface Answered {
  readonly data: Answer
  readonly viewer: Request['var']['viewer']
  readonly url: URL
  /** How old the oldest part of it is; null: not known, or it is of no read model. */
  readonly ageMs: number | null
}

/** `token`: of what the viewer has written, which what others have asked for may lack; null: nothing. */
async function answerOf(
  page: Page,
  context: Request,
  { store, shared, ages, tellsTiming }: Surroundings,
  token: string | null,
): Promise<Answered> {
  const viewer = context.get('viewer')
  const isOwnNew = token !== null || context.req.header(TOKEN_HEADER) !== undefined
  let sharedMs = 0
  const share: Share = async (name, read) => {
    const given = await (isOwnNew ? shared.anew(name, read) : shared.of(name, read))
    sharedMs = Math.max(sharedMs, given.ageMs)
    return given.answer
  }
  const ask = { store, share, viewer, params: context.req.param(), query: context.req.query() }
  const answer = async () => await page.answer(ask)
  const data = tellsTiming ? await timed(answer, context) : await answer()
  if (data === null) throw notFound()
  const modelsMs = ages.of(page.models)
  const ageMs = modelsMs === null ? null : modelsMs + sharedMs
  return { data, viewer, url: new URL(context.req.url), ageMs }
}

async function timed<T>(answer: () => Promise<T>, context: Request): Promise<T> {
  const { result, tally } = await tallied(answer)
  context.header('Server-Timing', timing(tally))
  return result
}

/** Clocks of several servers differ, an age is told of a moment before, and answers are shared for a moment. */
const MARGIN_MS = 1_000

/** The token of what the viewer has written, unless it is so long ago that even an old answer contains it. */
function unseen(page: Page, context: Request, { ages }: Surroundings): string | null {
  const written = lastWritten(context)
  const ageMs = ages.of(page.models)
  if (written === null || (ageMs !== null && written.agoMs > ageMs + MARGIN_MS)) return null
  return written.token
}

/** What browsers' developer tools show beside the request. */
function timing({ statements, rows, ms }: Tally): string {
  return `db;dur=${ms.toFixed(1)};desc="${String(statements)} statements, ${String(rows)} rows"`
}

/** True where the page contains what its viewer has written, false where that took too long. */
async function catchUp(
  token: string,
  { models }: Page,
  context: Request,
  { store, waitMs }: Surroundings,
): Promise<boolean> {
  if (models.length === 0) return true
  try {
    const { signal } = context.req.raw
    await waitFor(store.waits, token, { models: [...models], timeoutMs: waitMs, signal })
    return true
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error
    // A token that is none, or of another server, came from elsewhere: there is nothing to wait for.
    return error.code !== 'TOKEN_TIMEOUT'
  }
}
