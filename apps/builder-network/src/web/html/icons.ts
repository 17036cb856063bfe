import { raw } from './html.ts'

const icon = (paths: string) =>
  raw(
    `<svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">${paths}</svg>`,
  )

/** Drawings beside words that say the same: readers of screens are spared them. */
export const ENVELOPE = icon('<rect x="3" y="5" width="18" height="14" rx="3"/><path d="m4 8 8 6 8-6"/>')
export const BELL = icon(
  '<path d="M6 10a6 6 0 1 1 12 0c0 5 2 6 2 7H4c0-1 2-2 2-7Z"/><path d="M10 20.5a2.2 2.2 0 0 0 4 0"/>',
)
export const UP = icon('<path d="m4 17 8-10 8 10Z" fill="currentColor"/>')
export const DOWN = icon('<path d="m4 7 8 10 8-10Z" fill="currentColor"/>')
export const MARK = icon(
  '<circle cx="12" cy="12" r="9"/><circle cx="12" cy="12" r="2.5"/><path d="M12 3v6.5M12 14.5V21M3 12h6.5M14.5 12H21"/>',
)
