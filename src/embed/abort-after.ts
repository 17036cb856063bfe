/**
 * A signal that is aborted after so many milliseconds, and keeps no process alive. Node may lose an `AbortSignal.timeout` of which only a
 * signal of `AbortSignal.any` knows: it is collected as garbage, and nothing is aborted. The timer here holds on to it.
 */
export function abortAfter(ms: number): AbortSignal {
  const controller = new AbortController()
  setTimeout(() => {
    controller.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError'))
  }, ms).unref()
  return controller.signal
}
