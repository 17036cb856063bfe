const QUIET_MS = 15_000
/** How long a browser waits before it comes back. */
const RETRY_MS = 1_000

const HEADERS = { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' }
const encoder = new TextEncoder()

/** A stream of server-sent events while somebody hears it. */
export interface EventStream {
  /** Aborted when the browser has gone, or the stream has ended. */
  readonly signal: AbortSignal
  /** Returns when the browser can take more: who is slow is told less often. */
  readonly send: (event: Uint8Array) => Promise<void>
  readonly end: () => void
}

export interface ServerEvent {
  /** `message` where nothing is said. */
  readonly event?: string
  readonly data: string
}

/** As the protocol has it. What many are told is made once. */
export function encodeEvent({ event, data }: ServerEvent): Uint8Array {
  return encoder.encode(`${event === undefined ? '' : `event: ${event}\n`}data: ${data}\n\n`)
}

/**
 * Answers with the events that `work` sends until it ends, and with a sign of life now and then, so that no proxy takes the stream for dead.
 * It is one stream and no pipe of several, as libraries make them: hundreds of browsers are told at once.
 */
export function eventStream(
  work: (stream: EventStream) => Promise<void>,
  onError: (error: unknown) => void,
): Response {
  const ended = new AbortController()
  let taken = newTurn()
  const end = () => {
    ended.abort()
    taken.pass()
  }
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => {
      const put = (bytes: Uint8Array) => {
        if (!ended.signal.aborted) controller.enqueue(bytes)
      }
      const send = async (event: Uint8Array) => {
        put(event)
        if ((controller.desiredSize ?? 0) > 0 || ended.signal.aborted) return
        taken = newTurn()
        await taken.passed
      }
      put(encoder.encode(`retry: ${String(RETRY_MS)}\n\n`))
      const beat = setInterval(() => {
        put(encoder.encode(': at work\n\n'))
      }, QUIET_MS)
      const close = () => {
        clearInterval(beat)
        if (!ended.signal.aborted) controller.close()
        end()
      }
      work({ signal: ended.signal, send, end: close }).catch(onError).finally(close)
    },
    pull: () => {
      taken.pass()
    },
    cancel: end,
  })
  return new Response(body, { headers: HEADERS })
}

interface Turn {
  readonly passed: Promise<void>
  readonly pass: () => void
}

function newTurn(): Turn {
  let pass: Turn['pass'] = () => undefined
  const passed = new Promise<void>((resolve) => {
    pass = resolve
  })
  return { passed, pass }
}
