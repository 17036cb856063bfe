import type { SSEStreamingApi } from 'hono/streaming'

const QUIET_MS = 15_000
/** How long a browser waits before it comes back. */
const RETRY_MS = 1_000

interface Work {
  readonly run: (signal: AbortSignal, end: () => void) => Promise<void>
  /** Of its errors: what they say is not for browsers. */
  readonly onError: (error: unknown) => void
}

/** Runs some work until it ends, or the browser has gone; with a sign of life now and then, so that no proxy takes the stream for dead. */
export async function whileOpen(stream: SSEStreamingApi, { run, onError }: Work): Promise<void> {
  const ended = new AbortController()
  const end = () => {
    ended.abort()
  }
  stream.onAbort(end)
  await stream.write(`retry: ${String(RETRY_MS)}\n\n`)
  const beat = setInterval(() => void stream.write(': at work\n\n'), QUIET_MS)
  try {
    await run(ended.signal, end)
  } catch (error) {
    onError(error)
  } finally {
    clearInterval(beat)
    end()
  }
}
