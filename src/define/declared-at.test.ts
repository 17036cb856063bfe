import { expect, test } from 'vitest'
import { placeOfFrame } from './declared-at.ts'
import { readModel } from './read-model.ts'
import { sql } from './sql.ts'

test('a declaration knows its file and line', () => {
  const model = readModel('feed', { key: 'id', freshness: 'eventual', query: sql`select 1 as id` })
  expect(model.declaredAt).toMatch(/declared-at\.test\.ts:7$/)
})

test.each([
  ['    at /app/models/feed.ts:12:53', '/app/models/feed.ts:12'],
  ['    at feed (/app/models/feed.ts:3:1)', '/app/models/feed.ts:3'],
  ['    at async feed (file:///app/my%20models/feed.ts?t=1:3:1)', '/app/my models/feed.ts:3'],
  ['    at Object.<anonymous> (/app/a b/feed.ts:3:1)', '/app/a b/feed.ts:3'],
  ['    at C:\\app\\feed.ts:3:1', 'C:\\app\\feed.ts:3'],
  ['    at node:internal/modules/run_main:117:5', undefined],
  ['    at <anonymous>', undefined],
  ['', undefined],
])('reads %o', (frame, place) => {
  expect(placeOfFrame(frame)).toBe(place)
})
