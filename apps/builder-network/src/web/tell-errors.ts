import type { Hono } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { MillraceError } from 'millrace/client'
import pg from 'pg'
import { ZodError } from 'zod'
import type { Demo, Environment, Request } from './environment.ts'
import { html } from './html/html.ts'
import { layout } from './html/layout.ts'
import { Refusal } from './refusal.ts'

interface Told {
  readonly status: 400 | 401 | 403 | 404 | 409 | 413 | 429 | 500 | 503
  readonly code: string
  readonly message: string
  /** Where the input is wrong. */
  readonly issues?: readonly { readonly path: string; readonly message: string }[]
}

const TITLES: Readonly<Record<Told['status'], string>> = {
  400: 'Bad request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not found',
  409: 'Conflict',
  413: 'Too large',
  429: 'Too many requests',
  500: 'Internal error',
  503: 'Unavailable',
}

/** Errors as JSON under /api, as a page elsewhere. What is nobody's fault is told to `onError` and to nobody else. */
export function tellErrors(
  app: Hono<Environment>,
  { onError, demo }: { readonly onError: (error: unknown) => void; readonly demo: Demo | null },
): void {
  app.notFound((context) =>
    tell({ status: 404, code: 'not-found', message: 'There is nothing here.' }, context, demo),
  )
  app.onError((error, context) => {
    const told = explained(error)
    if (told.status >= 500) onError(error)
    return tell(told, context, demo)
  })
}

async function tell(told: Told, context: Request, demo: Demo | null): Promise<Response> {
  const { status, code, message, issues } = told
  const error = TITLES[status]
  const { pathname } = new URL(context.req.url)
  if (pathname.startsWith('/api/') || pathname.endsWith('-health')) {
    return context.json({ error, code, message, ...(issues && { issues }) }, status)
  }
  if (status === 401 && context.req.method === 'GET') {
    return context.redirect(`/sign-in?to=${encodeURIComponent(pathname)}`, 303)
  }
  const body = html`<h1>${error}</h1>
    <p>${message}</p>
    ${
      issues === undefined
        ? ''
        : html`<ul>
            ${issues.map((it) => html`<li><strong>${it.path}</strong>: ${it.message}</li>`)}
          </ul>`
    }
    <p><a href="/">To the feed</a></p>`
  const viewer = (context.get('viewer') as Request['var']['viewer'] | undefined) ?? null
  return await context.html(
    layout({ title: error, viewer, url: new URL(context.req.url), body, links: demo?.links }),
    status,
  )
}

function explained(error: unknown): Told {
  if (error instanceof Refusal) return { status: error.status, code: error.code, message: error.message }
  if (error instanceof ZodError) {
    const issues = error.issues.map(({ path, message }) => ({ path: path.join('.'), message }))
    return { status: 400, code: 'bad-input', message: 'Some of that is not as it should be.', issues }
  }
  if (error instanceof HTTPException && error.status === 403) {
    return { status: 403, code: 'cross-site', message: 'That came from another site.' }
  }
  if (error instanceof HTTPException && error.status === 413) {
    return { status: 413, code: 'too-large', message: 'That is too long.' }
  }
  if (error instanceof pg.DatabaseError && error.code === NO_TEXT) {
    return { status: 400, code: 'bad-input', message: 'There is a character in it that no text has.' }
  }
  if (error instanceof MillraceError && BAD_CURSORS.includes(error.code)) {
    return { status: 400, code: 'bad-cursor', message: 'The link is of another list: begin again.' }
  }
  return { status: 500, code: 'internal', message: 'Something went wrong on our side. It has been noted.' }
}

/** SQLSTATE of bytes that are no characters: NUL is one. */
const NO_TEXT = '22021'
const BAD_CURSORS: readonly string[] = ['CURSOR_INVALID', 'BAD_PAGE']
