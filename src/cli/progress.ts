import { displayWidth } from './display-width.ts'
import type { Stream } from './style.ts'

/** A bar on a terminal; nothing anywhere else, so that logs stay readable. */
export interface Progress {
  update(label: string, done: number, total: number): void
  /** Clears the line. */
  end(): void
}

/** A person cannot read faster, and each update costs a write to the terminal. */
const EVERY_MS = 80
const BAR = 24

export function progressOn(stream: Stream, now: () => number = () => performance.now()): Progress {
  if (stream.isTTY !== true) return { update: () => undefined, end: () => undefined }

  const state = { shownAt: -Infinity, isShown: false }
  return {
    update(label, done, total) {
      if (done < total && now() - state.shownAt < EVERY_MS) return
      state.shownAt = now()
      state.isShown = true
      stream.write(`\r${fitted(barText(label, done, total), stream.columns ?? 80)}\x1b[K`)
    },
    end() {
      if (state.isShown) stream.write('\r\x1b[K')
      state.isShown = false
    },
  }
}

/** `feed  [######------]  50 %  500,000 of 1,000,000` */
export function barText(label: string, done: number, total: number): string {
  const share = total <= 0 ? 0 : Math.min(1, done / total)
  const filled = Math.floor(share * BAR)
  const bar = '#'.repeat(filled) + '-'.repeat(BAR - filled)
  const percent = String(Math.floor(share * 100)).padStart(3)
  return `${label}  [${bar}] ${percent} %  ${grouped(done)} of ${grouped(total)}`
}

/** A number with its thousands apart. */
export function grouped(number: number): string {
  return number.toLocaleString('en-US')
}

/** `1 drain`, `2,000 units`. */
export function counted(number: number, noun: string): string {
  return `${grouped(number)} ${noun}${number === 1 ? '' : 's'}`
}

/** A line that reaches the edge would wrap, and could not be cleared. */
function fitted(text: string, columns: number): string {
  return displayWidth(text) < columns ? text : text.slice(0, Math.max(0, columns - 1))
}
