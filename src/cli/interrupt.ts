/** What of a process is needed to hear signals. */
export interface SignalSource {
  on(signal: 'SIGINT' | 'SIGTERM', listener: () => void): unknown
  off(signal: 'SIGINT' | 'SIGTERM', listener: () => void): unknown
}

export interface Interrupt {
  readonly signal: AbortSignal
  /** Stops listening. */
  end(): void
}

/** 128 and the number of SIGINT: what shells expect. */
export const INTERRUPTED_EXIT = 130

/**
 * One AbortSignal for Ctrl-C and `kill`: the first asks the command to finish what it has begun, the second ends the
 * process at once. Ending it is safe at any moment: whatever was not committed is rolled back.
 */
export function listenForInterrupt(
  source: SignalSource,
  { onFirst, onSecond }: { readonly onFirst: () => void; readonly onSecond: () => void },
): Interrupt {
  const controller = new AbortController()
  const hear = () => {
    if (controller.signal.aborted) {
      onSecond()
      return
    }
    onFirst()
    controller.abort()
  }
  source.on('SIGINT', hear)
  source.on('SIGTERM', hear)
  return {
    signal: controller.signal,
    end() {
      source.off('SIGINT', hear)
      source.off('SIGTERM', hear)
    },
  }
}
