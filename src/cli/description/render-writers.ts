import type { Description } from '../../explain/description.ts'
import { milliseconds } from './layout.ts'

function renderImmediate({ kind, because }: Description['immediate']): readonly string[] {
  switch (kind) {
    case 'fold':
      return [
        `freshness: 'immediate' is possible, by fold: each of their statements would add what it changes`,
      ]
    case 'recompute':
      return [`freshness: 'immediate' is possible, by recompute when they commit; not by fold: ${because}`]
    case 'impossible':
      return [`freshness: 'immediate' is not possible: ${because}`]
  }
}

/** What those who write pay, and what they would pay if the model were immediate. */
export function renderWriters({ writers, immediate }: Description): readonly string[] {
  if (writers === null) return ['queue what they change, and wait for nobody', ...renderImmediate(immediate)]

  const { kind, because, onError, locks, statements, measured } = writers
  const how =
    kind === 'fold'
      ? `fold: each of their statements adds what it changes, by ${String(statements)} statements at most`
      : `recompute, when they commit, by ${String(statements)} statements: ${because ?? ''}`
  return [
    how,
    ...locks.map((it, i) => `${i === 0 ? 'locked until they end:' : '                 then:'} ${it}`),
    onError === 'fail'
      ? 'where a row cannot be computed the write fails'
      : 'where a row cannot be computed the write goes through, and the row waits',
    measured === null
      ? 'time of one row: measured when it is installed and has rows'
      : `time of one row ${kind === 'fold' ? 'written' : 'computed'}: ${milliseconds(measured.medianMs)} (median of ${String(measured.rows)})`,
  ]
}
