/**
 * Aborted after so many seconds. An `AbortSignal.timeout` that is only combined with others may be collected as garbage by Node, and then
 * nothing ends; this one is held by its timer.
 */
export function stopAfter(seconds: number): AbortSignal {
  const controller = new AbortController()
  setTimeout(() => {
    controller.abort()
  }, seconds * 1000).unref()
  return controller.signal
}
