import type { ReadModel } from '../../define/read-model.ts'
import { MillraceError } from '../../errors.ts'
import { asked, eventStream } from './event-stream.ts'
import type { LiveChanges, LivePageUpdate, LiveUpdate, ResumeOptions } from './live-changes.ts'
import { wishIn, type Followable, type Wish } from './wish.ts'
import { within } from './within.ts'

/** What can be followed over HTTP, and by whom. */
export interface LiveRouteOptions {
  /** The read models that may be followed, and no others: declarations or names. */
  readonly models: readonly (string | Pick<ReadModel, 'name' | 'schema'>)[]
  /**
   * Whether the sender of this request may see these rows, or this page. Rows have no owner that Millrace knows of: without an answer
   * here nobody does.
   */
  readonly authorize: (request: Request, wish: Wish) => boolean | Promise<boolean>
  /** Those of the process, where `liveChanges` has made them already: they share its connection, and `close` leaves them to their maker. */
  readonly changes?: LiveChanges | undefined
}

/** Who has to wait longer for the first update is answered already, and told of an error in the stream. */
const FIRST_UPDATE_MS = 5_000

/** `GET …/changes/feed?keys=[1,2]` and `…/changes/feed?page={"orderBy":["votes desc"]}`: server-sent events, for an EventSource. */
export async function changesRoute(
  request: Request,
  name: string,
  { changes, models, authorize }: LiveRouteOptions & { readonly changes: LiveChanges },
): Promise<Response> {
  const model = models.find((it) => name === (typeof it === 'string' ? it : it.name))
  if (model === undefined) return Response.json({ code: 'MODEL_UNKNOWN' }, { status: 404 })
  try {
    const wish = wishIn(new URL(request.url).searchParams)
    if (!(await authorize(request, { model: name, ...wish })))
      return Response.json({ code: 'NOT_ALLOWED' }, { status: 403 })
    return await opened(request, changes, { model: qualifiedName(model), wish })
  } catch (error) {
    if (error instanceof MillraceError) return refusal(error)
    throw error
  }
}

/** A stream of updates; or, where what is asked for cannot be followed, an answer of its own: that is known before the first update. */
async function opened(
  request: Request,
  live: LiveChanges,
  { model, wish }: { readonly model: string; readonly wish: Followable },
): Promise<Response> {
  const gone = new AbortController()
  const after = request.headers.get('Last-Event-ID') ?? undefined
  const signal = AbortSignal.any([request.signal, gone.signal])
  const updates = updatesOf(live, model, wish, { after, signal })
  const first = asked(updates)
  // Whoever comes back may have nothing to be told for long; any other error is told in the stream.
  if (after === undefined)
    await within(FIRST_UPDATE_MS, first).catch((error: unknown) => {
      if (error instanceof MillraceError) throw error
    })
  const onCancel = () => {
    gone.abort()
  }
  return new Response(eventStream({ first, updates, onCancel }), { headers: HEADERS })
}

function updatesOf(
  live: LiveChanges,
  model: string,
  { keys, page }: Followable,
  options: ResumeOptions,
): AsyncIterator<LiveUpdate | LivePageUpdate> {
  const updates =
    page === undefined
      ? live.subscribe(model, { ...options, keys })
      : live.subscribe(model, { ...options, page })
  return updates[Symbol.asyncIterator]()
}

const HEADERS = {
  'Content-Type': 'text/event-stream; charset=utf-8',
  'Cache-Control': 'no-cache, no-transform',
  // nginx would wait for a buffer to fill.
  'X-Accel-Buffering': 'no',
}

function qualifiedName(model: string | Pick<ReadModel, 'name' | 'schema'>): string {
  return typeof model === 'string' ? model : `${model.schema ?? 'public'}.${model.name}`
}

function refusal({ code, detail, hint }: MillraceError): Response {
  return Response.json({ code, detail, hint }, { status: code === 'MODEL_UNKNOWN' ? 404 : 400 })
}
