/** Something that is waited for: whoever waits goes on at the next ring, and one that came before is not missed. */
export interface Bell {
  ring(): void
  /** Resolves at a ring since the last wait, or when the time is over. */
  wait(ms?: number): Promise<void>
}

export function newBell(): Bell {
  let isRung = false
  let wake: (() => void) | undefined
  return {
    ring() {
      isRung = true
      wake?.()
    },
    async wait(ms) {
      if (!isRung) {
        await new Promise<void>((resolve) => {
          const timer = ms === undefined ? undefined : setTimeout(resolve, ms)
          wake = () => {
            clearTimeout(timer)
            resolve()
          }
        })
      }
      wake = undefined
      isRung = false
    },
  }
}
