import { expect, test } from 'vitest'
import type { Standing } from './share.ts'
import { attended, drained, dueModels, tendAgain, touch, watch, type Paced, type Watches } from './watch.ts'

const modelOf = (storage: string): Paced => ({ storage, plan: {} })

const PAUSE = { maxLagMs: 60_000, batch: 10_000, pauseMs: 1_000 }

/** What a worker sees at one look: for each model its rank, its newest watermark and how old that is. */
function look(
  now: number,
  seen: Readonly<Record<string, readonly [rank: number, watermark: string, ageMs: number]>>,
  before: Watches = new Map(),
): Watches {
  const standings: readonly Standing[] = Object.entries(seen).map(([storage, [rank, watermark, ageMs]]) => ({
    storage,
    rank,
    watermark,
    ageMs,
  }))
  return watch(before, standings, now)
}

function due(watches: Watches, { since, now = since }: { since: number; now?: number }) {
  const models = [...watches.keys()].map(modelOf)
  return dueModels(models, watches, { since, now }).map(({ storage }) => storage)
}

test('a worker looks at its own models in each round, the one that has waited longest first', () => {
  const watches = look(1_000, { a: [0, '7', 30], b: [0, '7', 90], c: [0, '7', 60] })
  expect(due(watches, { since: 1_000 })).toEqual(['b', 'c', 'a'])
  // It has drained b in this round, which is over when the other two have been as well.
  const later = attended(watches, 'b', 1_010)
  expect(due(later, { since: 1_000 })).toEqual(['c', 'a'])
  expect(due(later, { since: 1_020 })).toEqual(['c', 'a', 'b'])
})

test('the next in line steps in when a watermark stands still, and the one after that later', () => {
  const stands = (rank: number, ageMs: number) => look(1_000, { model: [rank, '7', ageMs] })
  expect(due(stands(1, 150), { since: 1_000 })).toEqual([])
  expect(due(stands(1, 250), { since: 1_000 })).toEqual(['model'])
  expect(due(stands(2, 250), { since: 1_000 })).toEqual([])
  expect(due(stands(2, 450), { since: 1_000 })).toEqual(['model'])
  // However many there are before it.
  expect(due(stands(40, 1_050), { since: 1_000 })).toEqual(['model'])
})

test('a watermark that moves shows that somebody is at it; a clock that was put back does not', () => {
  const first = look(1_000, { moves: [1, '7', 150], stands: [1, '7', 0] })
  const second = look(1_200, { moves: [1, '8', 20], stands: [1, '7', 0] }, first)
  expect(due(second, { since: 1_200 })).toEqual(['stands'])
})

test('a model that stays busy stays neglected, and one that was looked at is left to its worker again', () => {
  const watches = look(1_000, { busy: [1, '7', 400], drained: [1, '7', 300] })
  expect(due(attended(watches, 'drained', 1_005), { since: 2_000 })).toEqual(['busy'])
})

test('a model that pauses is left alone by all, until its pause is over; then its worker has time to come first', () => {
  const pausing = [
    { storage: 'mine', plan: { pace: PAUSE } },
    { storage: 'other', plan: { pace: PAUSE } },
  ]
  const watches = watch(
    new Map(),
    [
      { storage: 'mine', rank: 0, watermark: '7', ageMs: 400 },
      { storage: 'other', rank: 1, watermark: '7', ageMs: 1_100 },
    ],
    2_000,
    pausing,
  )
  const at = (now: number) => dueModels(pausing, watches, { since: now, now }).map(({ storage }) => storage)
  expect(at(2_000)).toEqual([])
  expect(at(2_600)).toEqual(['mine'])
  const look = (ageMs: number) =>
    watch(new Map(), [{ storage: 'other', rank: 1, watermark: '7', ageMs }], 2_000, pausing)
  expect(look(1_100).get('other')?.isNeglected).toBe(false)
  expect(look(1_250).get('other')?.isNeglected).toBe(true)

  // A drain begins the next pause.
  const next = drained(watches, 'mine', 2_700, { limit: 1, backlog: null })
  expect(dueModels(pausing, next, { since: 3_600, now: 3_600 })).toEqual([])
  expect(dueModels(pausing, next, { since: 3_800, now: 3_800 })).toHaveLength(1)
})

test('the one comes first that has used most of the time for which its changes may wait', () => {
  const hurried = { storage: 'hurried', plan: { pace: { ...PAUSE, pauseMs: 0, maxLagMs: 100 } } }
  const patient = { storage: 'patient', plan: {} }
  const watches = look(1_000, { patient: [0, '7', 500], hurried: [0, '7', 50] })
  const due = dueModels([patient, hurried], watches, { since: 1_000, now: 1_000 })
  expect(due.map(({ storage }) => storage)).toEqual(['hurried', 'patient'])
})

test('what a model reads comes before it, however much of its time the model has used', () => {
  const lower = { storage: 'lower', plan: {} }
  const models = [
    { model: { schema: 'public', name: 'lower' }, storage: { schema: 'millrace', name: 'lower' } },
  ]
  const upper = { storage: 'upper', plan: { pace: { ...PAUSE, pauseMs: 0, maxLagMs: 100 }, models } }
  const watches = look(1_000, { upper: [0, '7', 500], lower: [0, '7', 50] })
  const due = dueModels([upper, lower], watches, { since: 1_000, now: 1_000 })
  expect(due.map(({ storage }) => storage)).toEqual(['lower', 'upper'])
})

test('where nothing has come into a queue since there is nothing to look for', () => {
  const watches = attended(look(1_000, { mine: [0, '7', 900], other: [1, '7', 900] }), 'mine', 1_000, true)
  const both = look(
    2_000,
    { mine: [0, '7', 1_900], other: [1, '7', 1_900] },
    attended(watches, 'other', 1_000, true),
  )
  expect(due(both, { since: 3_000 })).toEqual([])
  expect(due(touch(both, new Set(['other'])), { since: 3_000 })).toEqual(['other'])
  expect(due(touch(both, undefined), { since: 3_000 })).toEqual(['mine', 'other'])
  // Units that were set aside come back without a commit; who tends the model sees to them.
  expect(due(tendAgain(both), { since: 3_000 })).toEqual(['mine'])
})

test('a model is looked at with what it reads: that puts rows into its queue within the round', () => {
  const models = [
    { model: { schema: 'public', name: 'lower' }, storage: { schema: 'millrace', name: 'lower' } },
  ]
  const both = [
    { storage: 'upper', plan: { models } },
    { storage: 'lower', plan: {} },
  ]
  const seen = look(1_000, { upper: [0, '7', 500], lower: [0, '7', 500] })
  const idle = attended(attended(seen, 'upper', 1_000, true), 'lower', 1_000, true)
  const dueAfter = (touched: readonly string[]) =>
    dueModels(both, touch(idle, new Set(touched)), { since: 2_000, now: 2_000 }).map(({ storage }) => storage)
  expect(dueAfter([])).toEqual([])
  expect(dueAfter(['lower'])).toEqual(['lower', 'upper'])
  expect(dueAfter(['upper'])).toEqual(['upper'])
})

test('a model without a watermark comes first', () => {
  const watches = watch(
    look(1_000, { old: [0, '7', 9_000] }),
    [
      { storage: 'old', rank: 0, watermark: '7', ageMs: 9_000 },
      { storage: 'new', rank: 0, watermark: null, ageMs: null },
    ],
    1_000,
  )
  expect(due(watches, { since: 1_000 })).toEqual(['new', 'old'])
})
