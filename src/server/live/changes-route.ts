import type { KeyValue } from '../../define/row.ts'
import type { ReadModel } from '../../define/read-model.ts'
import { MillraceError } from '../../errors.ts'
import { eventStream } from './event-stream.ts'
import type { LiveChanges } from './live-changes.ts'

/** What a client asks to follow. */
export interface Wish {
  readonly model: string
  readonly keys: readonly KeyValue[]
}

export interface LiveRouteOptions {
  /** The read models that may be followed, and no others: declarations or names. */
  readonly models: readonly (string | Pick<ReadModel, 'name' | 'schema'>)[]
  /** Whether the sender of this request may see these rows. Rows have no owner that Millrace knows of: without an answer here nobody does. */
  readonly authorize: (request: Request, wish: Wish) => boolean | Promise<boolean>
}

/** `GET …/changes/feed?keys=[1,2]`: server-sent events, for an EventSource. */
export async function changesRoute(
  request: Request,
  name: string,
  { live, models, authorize }: LiveRouteOptions & { readonly live: LiveChanges },
): Promise<Response> {
  const model = models.find((it) => name === (typeof it === 'string' ? it : it.name))
  if (model === undefined) return refusal(404, 'MODEL_UNKNOWN')
  const keys = keysOf(new URL(request.url).searchParams.get('keys'))
  if (keys === undefined) return refusal(400, 'BAD_SUBSCRIPTION')
  if (!(await authorize(request, { model: name, keys }))) return refusal(403, 'NOT_ALLOWED')

  const after = request.headers.get('Last-Event-ID') ?? undefined
  const gone = new AbortController()
  const signal = AbortSignal.any([request.signal, gone.signal])
  try {
    const updates = live.subscribe(qualifiedName(model), { keys, after, signal })
    const body = eventStream(updates, {
      onCancel: () => {
        gone.abort()
      },
    })
    return new Response(body, { headers: HEADERS })
  } catch (error) {
    if (error instanceof MillraceError) return refusal(400, error.code)
    throw error
  }
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

function keysOf(text: string | null): readonly KeyValue[] | undefined {
  try {
    const keys: unknown = JSON.parse(text ?? '')
    return Array.isArray(keys) && keys.length > 0 ? (keys as readonly KeyValue[]) : undefined
  } catch {
    return undefined
  }
}

function refusal(status: number, code: string): Response {
  return Response.json({ code }, { status })
}
