import { Hono } from 'hono'
import { liveChanges } from 'millrace/server'
import { bodyLimit } from 'hono/body-limit'
import { csrf } from 'hono/csrf'
import { secureHeaders } from 'hono/secure-headers'
import { READ_MODELS } from '../age-reader.ts'
import { ACTIONS } from './actions/index.ts'
import { watchAges } from './ages.ts'
import { serveAssets } from './assets.ts'
import { tellHealth } from './denormalization-health.ts'
import type { Demo, Environment } from './environment.ts'
import { identify } from './identify.ts'
import { tellChanges } from './live/changes.ts'
import { tellOwnChanges } from './live/own-changes.ts'
import { limiter, LIMITS, type Limits } from './limits.ts'
import { describeApi } from './openapi.ts'
import { ownOriginOnly } from './own-origin.ts'
import { PAGES } from './pages/index.ts'
import { openSessions } from './sessions/sessions.ts'
import { signing } from './sessions/signing.ts'
import { showPages } from './show-pages.ts'
import { shareAnswers } from './shared-answers.ts'
import { openStore } from './store.ts'
import { takeActions } from './take-actions.ts'
import { tellErrors } from './tell-errors.ts'

export interface WebOptions {
  /** Connects as the application. */
  readonly databaseUrl: string
  readonly limits?: Limits
  /** Connects as a role that may read the stored tables, as the worker's may; absent: changes are not pushed to pages. */
  readonly liveUrl?: string | undefined
  readonly demo?: Demo | undefined
  /**
   * How people reach it where a proxy stands before it: `https://builders.example`. The proxy speaks TLS, and says in X-Forwarded-For whom it
   * speaks for.
   */
  readonly publicUrl?: string | undefined
  /** How long who has just written waits for a page to contain it before it is shown without: 2 s. */
  readonly waitMs?: number
  /** Says in each answer, for browsers' developer tools, what it has asked of the database. */
  readonly tellsTiming?: boolean
  /** Of requests that failed and should not. */
  readonly onError?: (error: unknown) => void
}

export interface Web {
  readonly app: Hono<Environment>
  readonly close: () => Promise<void>
}

const MOST_BYTES = 100_000
/** How old an answer may be that is the same for everybody: what read models say is within a second with it. */
const SHARED_MS = 200

const SECURITY = {
  // Without any referrer browsers send forms with the origin `null`.
  referrerPolicy: 'same-origin',
  contentSecurityPolicy: {
    defaultSrc: ["'self'"],
    imgSrc: ["'self'", 'data:', 'https:'],
    formAction: ["'self'"],
    frameAncestors: ["'none'"],
  },
}

/** The application for people and for programs. */
export function createWeb({
  databaseUrl,
  limits = LIMITS,
  liveUrl,
  demo,
  publicUrl,
  waitMs = 2_000,
  tellsTiming = false,
  onError = () => undefined,
}: WebOptions): Web {
  const store = openStore(databaseUrl)
  const surroundings = {
    store,
    shared: shareAnswers(SHARED_MS),
    ages: watchAges(databaseUrl, READ_MODELS),
    sessions: openSessions(store.pool, databaseUrl),
    live: liveUrl === undefined ? null : liveChanges({ database: liveUrl }, { onError }),
    demo: demo ?? null,
    limit: limiter(limits),
    waitMs,
    tellsTiming,
    onError,
  }

  const app = new Hono<Environment>()
  tellErrors(app, surroundings)
  serveAssets(app)
  app.use(
    secureHeaders(SECURITY),
    // The one refuses forms that do not say where they come from, the other whatever else comes from another site, as JSON.
    csrf(publicUrl === undefined ? {} : { origin: new URL(publicUrl).origin }),
    ownOriginOnly(publicUrl),
  )
  // Whether a request has a body is told by an object that takes time to make, and of a GET nobody reads it.
  app.post('*', bodyLimit({ maxSize: MOST_BYTES }))
  app.use(identify({ ...surroundings, publicUrl }))
  app.get('*', async (context, next) => {
    await surroundings.limit('reads', context.get('who'))
    await next()
  })
  signing(app, surroundings)
  tellHealth(app, surroundings)
  showPages(app, PAGES, surroundings)
  takeActions(app, ACTIONS, surroundings)
  tellChanges(app, surroundings)
  tellOwnChanges(app, surroundings)
  describeApi(app, PAGES, ACTIONS)
  return {
    app,
    close: async () => {
      await surroundings.ages.stop()
      await surroundings.sessions.close()
      await surroundings.live?.close()
      await store.close()
    },
  }
}
