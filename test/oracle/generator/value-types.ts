import type { Random } from '../random.ts'

/** What the grammar tells apart: an `int` expression may be a smallint or a bigint to the server. */
export type ValueType =
  | 'int'
  | 'text'
  | 'bool'
  | 'numeric'
  | 'loose'
  | 'float'
  | 'date'
  | 'timestamp'
  | 'instant'
  | 'mood'
  | 'ints'
  | 'texts'
  | 'jsonb'
  | 'json'
  | 'range'
  | 'pair'
  | 'uuid'

interface TypeFacts {
  /** What a column of it may be declared as. */
  readonly declared: readonly string[]
  /** Few, so that values meet. */
  readonly literals: readonly string[]
  /** It has an order, so it may be grouped by and be a key. */
  readonly isSortable: boolean
  /** Equal values are the same to the last bit. */
  readonly isIdentical: boolean
  /** What is written as well. */
  readonly moment: ((random: Random) => string) | undefined
  /** What columns are compared with: they tell the time. */
  readonly clocks: readonly string[]
}

const facts = (
  declared: readonly string[],
  literals: readonly string[],
  { isSortable = true, isIdentical = true, moment, clocks = [] }: Partial<TypeFacts> = {},
): TypeFacts => ({ declared, literals, isSortable, isIdentical, moment, clocks })

/** The time comes to some while it is looked at, on a quick machine and on a slow one. */
const around = (clock: string) => (random: Random) => {
  const milliseconds = 1_000 * random.pick([1, 5, 20, 60])
  return `${clock} + interval '${String(random.below(2 * milliseconds) - milliseconds / 2)} ms'`
}

export const TYPES: Readonly<Record<ValueType, TypeFacts>> = {
  int: facts(['int', 'int', 'int', 'bigint', 'smallint', 'public."Small"'], ['0', '1', '2', '3', '4', '7']),
  text: facts(
    ['text', 'text', 'text', 'varchar(12)', 'char(9)', 'public.label'],
    [`'ada'`, `'Ada'`, `'bob'`, `'o''neil'`, `''`, `'é \\ %'`].map((it) => `${it}::text`),
  ),
  bool: facts(['boolean'], ['true', 'false']),
  numeric: facts(
    ['numeric(8,2)'],
    ['1.00', '1.50', '2.25', '-3.00', '0.00'].map((it) => `${it}::numeric(8,2)`),
  ),
  loose: facts(
    ['numeric'],
    ['1.0', '1.00', '2.5', '-1'].map((it) => `${it}::numeric`),
    { isIdentical: false },
  ),
  float: facts(
    ['double precision', 'real'],
    ['0.5', '2', '1e3'].map((it) => `${it}::real`),
    { isIdentical: false },
  ),
  date: facts(
    ['date'],
    ['2026-01-01', '2026-01-31', '2026-02-01', '2027-01-01'].map((it) => `date '${it}'`),
    {
      moment: (random) => random.pick(['current_date', 'current_date - 1', 'current_date + 1']),
      clocks: ['current_date', 'current_date - 30', 'now()::date', `(now() - interval '7 days')::date`],
    },
  ),
  timestamp: facts(
    ['timestamp', 'timestamp(3)'],
    ['2026-01-01 00:00', '2026-01-01 12:30', '2026-02-01 23:59:59', '2027-01-01'].map(
      (it) => `timestamp '${it}'`,
    ),
    {
      moment: around(`(clock_timestamp() at time zone 'UTC')`),
      clocks: [
        `(now() at time zone 'UTC')`,
        `(now() at time zone 'UTC') - interval '1 second'`,
        `localtimestamp - interval '1 day'`,
        `date_trunc('second', localtimestamp)`,
      ],
    },
  ),
  instant: facts(
    ['timestamptz'],
    ['2026-01-01 00:00+00', '2026-01-01 12:30+02', '2026-02-01 23:59:59+00'].map(
      (it) => `timestamptz '${it}'`,
    ),
    {
      moment: around('clock_timestamp()'),
      clocks: [
        'now()',
        'current_timestamp',
        `now() - interval '1 second'`,
        `now() - interval '10 seconds'`,
        `now() + interval '1.5 seconds'`,
        `now() - interval '7 days'`,
        `current_timestamp - interval '1 month'`,
        `date_trunc('second', now()) - interval '1 second'`,
      ],
    },
  ),
  mood: facts(['public.mood'], [`'sad'::public.mood`, `'ok'::public.mood`, `'happy'::public.mood`]),
  ints: facts(
    ['int[]'],
    [`'{}'`, `'{1}'`, `'{1,2}'`, `'{2,2,3}'`, `'{3,null}'`].map((it) => `${it}::int[]`),
  ),
  texts: facts(
    ['text[]'],
    [`'{}'`, `'{ada}'`, `'{ada,bob}'`].map((it) => `${it}::text[]`),
  ),
  jsonb: facts(
    ['jsonb'],
    [
      '{}',
      '{"n": 1, "a": "ada"}',
      '{"n": 2, "list": ["ada", "bob"]}',
      '{"n": 2.0, "list": []}',
      '{"a": null}',
    ].map((it) => `'${it}'::jsonb`),
    { isIdentical: false },
  ),
  json: facts(['json'], [`'{"n":1}'::json`, `'{"n": 1}'::json`, `'[]'::json`], { isSortable: false }),
  range: facts(
    ['int4range'],
    [`'[1,3)'`, `'[2,5)'`, `'empty'`, `'[3,)'`].map((it) => `${it}::int4range`),
  ),
  pair: facts(
    ['public.pair'],
    [`row(1,'ada')::public.pair`, `row(2,'bob')::public.pair`, `row(2,null)::public.pair`],
    {
      isIdentical: false,
    },
  ),
  uuid: facts(
    ['uuid'],
    ['1', '2', '3'].map((it) => `'00000000-0000-4000-8000-00000000000${it}'::uuid`),
  ),
}

/** Statements that make the types which are not the server's own. */
export const TYPE_STATEMENTS = [
  `create type public.mood as enum ('sad', 'ok', 'happy')`,
  `create type public.pair as (a int, b text)`,
  `create domain public."Small" as int check (value between -1000 and 10000)`,
  `create domain public.label as text check (length(value) < 40)`,
]

/** What a row holds. */
export function writtenValueOf(random: Random, type: ValueType): string {
  const { moment } = TYPES[type]
  return moment !== undefined && !random.oneIn(3) ? moment(random) : literalOf(random, type)
}

export function literalOf(random: Random, type: ValueType): string {
  return random.pick(TYPES[type].literals)
}
