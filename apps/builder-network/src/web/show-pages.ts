import type { Hono } from 'hono'
import { respondFresh, waitFor, MillraceError } from 'millrace/client'
import type { Environment, Request, Surroundings } from './environment.ts'
import { requireAccess } from './environment.ts'
import { freshness } from './html/freshness.ts'
import { html, textOf } from './html/html.ts'
import { layout } from './html/layout.ts'
import type { Answer, Page } from './page.ts'
import { notFound } from './refusal.ts'
import { writtenToken } from './sessions/cookies.ts'
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
  const isCaughtUp = await catchUp(page, context, surroundings)
  const { data, viewer, url } = await answerOf(page, context, surroundings)
  const frame = { viewer, url }
  if (page.isFragment) return context.html(await textOf(data.view(frame)))
  const age = page.models.length === 0 ? '' : freshness(surroundings.ages.of(page.models))
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
  const waiting = { client: store.pool, models: [...page.models], timeoutMs }
  return await respondFresh(context.req.raw, waiting, async () => {
    const { data } = await answerOf(page, context, surroundings)
    const age = page.models.length === 0 ? null : surroundings.ages.of(page.models)
    if (age !== null) context.header('Age-Ms', String(Math.round(age)))
    return context.json(data.data as object)
  })
}

async function answerOf(
  page: Page,
  context: Request,
  { store }: Surroundings,
): Promise<{ readonly data: Answer; readonly viewer: Request['var']['viewer']; readonly url: URL }> {
  const viewer = context.get('viewer')
  const { result, tally } = await tallied(
    async () => await page.answer({ store, viewer, params: context.req.param(), query: context.req.query() }),
  )
  if (result === null) throw notFound()
  context.header('Server-Timing', timing(tally))
  return { data: result, viewer, url: new URL(context.req.url) }
}

/** What browsers' developer tools show beside the request. */
function timing({ statements, rows, ms }: Tally): string {
  return `db;dur=${ms.toFixed(1)};desc="${String(statements)} statements, ${String(rows)} rows"`
}

/** True where the page contains what its viewer has written, false where that took too long. */
async function catchUp(page: Page, context: Request, { store, waitMs }: Surroundings): Promise<boolean> {
  const token = writtenToken(context)
  if (token === null || page.models.length === 0) return true
  try {
    await waitFor(store.pool, token, {
      models: [...page.models],
      timeoutMs: waitMs,
      signal: context.req.raw.signal,
    })
    return true
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error
    // A token that is none, or of another server, came from elsewhere: there is nothing to wait for.
    return error.code !== 'TOKEN_TIMEOUT'
  }
}
