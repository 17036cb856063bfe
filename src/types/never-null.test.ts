import { beforeAll, expect, test } from 'vitest'
import { loadParser } from '../sql/parse.ts'
import { neverNullOutputs } from './never-null.ts'

beforeAll(loadParser)

test.each([
  ['count(*)', true],
  ['count(t.a) filter (where t.b) + 1', true],
  ['count(*) over (partition by t.a)', true],
  ['sum(t.a)', false],
  ['coalesce(sum(t.a), 0::bigint)', true],
  ['coalesce(t.a, t.b)', false],
  ['coalesce(t.a, null)', false],
  ['t.a', false],
  [`'x'::text`, true],
  ['null::text', false],
  ['t.a is null', true],
  ['t.a is null or t.b', false],
  ['exists (select from u)', true],
  ['(select count(*) from u where u.id = t.id)', true],
  ['(select count(*) from u group by u.id)', false],
  ['(select count(*) from u having count(*) > 1)', false],
  ['(select count(*) from u limit 0)', false],
  ['(select coalesce(max(u.a), 0) from u)', true],
  ['(select coalesce(u.a, 0) from u)', false],
  ['(select 1 from u)', false],
  ['array(select u.id from u)', true],
  ['array[t.a]', true],
  ['(array[t.a])[1]', false],
  ['(select count(t.a) from u)', false],
  ['(select count(u.a + t.a) from u)', true],
  [`case when t.a then 1 end`, false],
  [`case when t.a then 1 else 2 end`, true],
  [`case when t.a then 1 else t.b end`, false],
  [`jsonb_build_object('a', t.a)`, true],
  [`jsonb_build_object('a', t.a) -> 'a'`, false],
  ['jsonb_agg(t.a)', false],
  ['shop.count(t.a)', false],
  ['nullif(1, 1)', false],
])('%s: %s', (expression, isNeverNull) => {
  expect(neverNullOutputs(`select ${expression} as it from t`)).toEqual(isNeverNull ? ['it'] : [])
})

test('through the SELECT that stands around a refreshed query, and not through a join', () => {
  expect(neverNullOutputs('select q.n, q.a as b from (select count(*) as n, t.a from t) q')).toEqual(['n'])
  expect(neverNullOutputs('select q.n from u left join (select count(*) as n from t) q on true')).toEqual([])
  expect(neverNullOutputs('select 1 as n union all select null')).toEqual([])
})
