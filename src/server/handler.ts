import { databaseUrl, type DatabaseConfiguration } from '../embed/configuration.ts'
import type { RunningWorker } from '../embed/start-worker.ts'
import { MillraceError } from '../errors.ts'
import { health, liveness, readiness, type Health } from './health/health.ts'
import { changesRoute, type LiveRouteOptions } from './live/changes-route.ts'
import { liveChanges, type LiveChanges } from './live/live-changes.ts'
import { newMetrics, type Metrics } from './metrics/metrics.ts'
import { readState, type DatabaseState } from './state.ts'

/** What a handler tells of beside the database. */
export interface HandlerOptions {
  /** The worker of this process, where there is one: its state counts for health, its drains for metrics. */
  readonly worker?: RunningWorker | undefined
  /** Live changes, over HTTP only for what is named here. */
  readonly live?: LiveRouteOptions | undefined
  /** A `Registry` of prom-client to add the figures to; one of its own where absent. */
  readonly registry?: object | undefined
}

/** What a server mounts. */
export interface Handler {
  /**
   * Answers `…/health`, `…/health/live`, `…/health/ready`, `…/metrics` and `…/changes/<model>`, whatever stands before them; 404 for
   * anything else.
   */
  readonly fetch: (request: Request) => Promise<Response>
  /** Ends open streams of live changes, but for those of changes that were given to it. */
  close(): Promise<void>
}

/** Health, metrics and live changes as one fetch handler: `(request: Request) => Promise<Response>`. */
export function createHandler(
  config: DatabaseConfiguration,
  { worker, live: route, registry }: HandlerOptions = {},
): Handler {
  const changes = route && (route.changes ?? liveChanges(config))
  const state = async () => await readState(await databaseUrl(config))
  let metrics: Promise<Metrics> | undefined
  const parts: Parts = {
    state,
    worker,
    metrics: () => (metrics ??= newMetrics({ readState: state, worker, live: changes }, registry)),
    ...(route && changes && { live: { ...route, changes } }),
  }
  // Drains are counted from the beginning, and not from the first scrape on.
  if (worker !== undefined) parts.metrics().catch(() => undefined)
  return {
    fetch: (request) => answer(request, parts),
    async close() {
      if (route?.changes === undefined) await changes?.close()
    },
  }
}

interface Parts {
  readonly state: () => Promise<DatabaseState>
  readonly worker: RunningWorker | undefined
  readonly metrics: () => Promise<Metrics>
  readonly live?: LiveRouteOptions & { readonly changes: LiveChanges }
}

const PATH = /\/(?:health(?:\/(?<probe>live|ready))?|(?<metrics>metrics)|changes\/(?<model>[^/]+))\/?$/

async function answer(request: Request, parts: Parts): Promise<Response> {
  const found = PATH.exec(pathOf(request))
  if (found === null) return Response.json({ code: 'NOT_FOUND' }, { status: 404 })
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return Response.json({ code: 'METHOD_NOT_ALLOWED' }, { status: 405, headers: { Allow: 'GET, HEAD' } })
  }
  const { probe, metrics, model } = found.groups ?? {}
  if (metrics !== undefined) return await answerMetrics(parts)
  if (model === undefined) return await answerHealth(probe, parts)
  if (parts.live === undefined || request.method === 'HEAD')
    return Response.json({ code: 'NOT_FOUND' }, { status: 404 })
  return await changesRoute(request, model, parts.live)
}

function pathOf({ url }: Request): string {
  try {
    return decodeURIComponent(new URL(url).pathname)
  } catch {
    return ''
  }
}

async function answerHealth(probe: string | undefined, { state, worker }: Parts): Promise<Response> {
  const own = worker?.state
  if (probe === 'live') return told(liveness({ worker: own }))
  const looked = { state: await state().catch(asError), worker: own }
  return told(probe === 'ready' ? readiness(looked) : health(looked))
}

function told(outcome: Health): Response {
  return Response.json(outcome, {
    status: outcome.status === 'down' ? 503 : 200,
    headers: { 'Cache-Control': 'no-store' },
  })
}

async function answerMetrics({ metrics }: Parts): Promise<Response> {
  try {
    const { body, contentType } = await (await metrics()).text()
    return new Response(body, { headers: { 'Content-Type': contentType } })
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error
    return Response.json({ code: error.code, detail: error.detail, hint: error.hint }, { status: 501 })
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}
