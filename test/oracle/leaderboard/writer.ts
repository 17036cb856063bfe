import type { Random } from '../random.ts'

const MOST = 400

/** One random statement; some touch one row, some all of them, some make every score the same. */
export function randomStatement(random: Random): string {
  const id = () => String(1 + random.below(MOST))
  const points = () =>
    random.pick(['null', '0', '7', String(random.below(50)), String(random.below(1_000_000))])
  const some = () => `(id * ${String(1 + random.below(50))}) % 7 < ${String(1 + random.below(6))}`
  const first = random.below(MOST)
  const range = `generate_series(${String(first)}, ${String(first + random.below(random.oneIn(4) ? 120 : 6))})`
  return random.pick([
    () => newPlayers(range, random),
    () => newPlayers(range, random),
    () => newPlayers(range, random),
    () => `insert into scores values (${id()}, ${day(random)}, ${points()})`,
    () => `insert into scores values (${id()}, ${day(random)}, ${points()})`,
    () => `insert into scores select i, ${day(random)}, ${points()} from ${range} i`,
    // always increasing
    () =>
      `insert into scores select i, ${day(random)}, (select coalesce(max(points), 0) from scores) + i from ${range} i`,
    () => `update scores set points = ${points()} where player_id = ${id()}`,
    () => `update scores set points = 10 where player_id % 3 = ${String(random.below(3))}`,
    () => `update scores set points = points + 1`,
    () => `update players set rating = ${rating(random)} where ${some()}`,
    () => `update players set rating = -rating`,
    () => `update players set rating = ${rating(random)} where id = ${id()}`,
    () =>
      `update players set country = ${country(random)} where ${random.oneIn(2) ? some() : `id = ${id()}`}`,
    () => `update players set joined = ${joined(random)}, nick = ${nick(random)} where id = ${id()}`,
    () =>
      `update players set league = ${String(random.below(5))}, temper = ${temper(random)} where ${some()}`,
    () =>
      `update players set weight = ${random.pick(['1', '1.0', '1.00', 'null', `'NaN'`, String(random.below(9))])} where ${some()}`,
    () => `delete from scores where player_id = ${id()}`,
    () =>
      `delete from scores where player_id between ${String(first)} and ${String(first + random.below(200))}`,
    () => `delete from players where id = ${id()}`,
    () => `delete from players where id between ${String(first)} and ${String(first + random.below(200))}`,
    () =>
      random.oneIn(8) ? `delete from players where ${some()}` : `delete from players where id = ${id()}`,
    () => (random.oneIn(25) ? 'truncate scores' : `delete from scores where player_id = ${id()}`),
  ])()
}

function newPlayers(range: string, random: Random): string {
  return `insert into players
    select i, ${country(random)}, ${String(random.below(5))}, ${joined(random)}, ${rating(random)}, ${nick(random)}, i % 4, ${temper(random)}
    from ${range} i
    on conflict (id) do update set rating = excluded.rating, joined = excluded.joined`
}

const country = (random: Random) =>
  random.pick(['null', `'NL'`, `'DE'`, `'FR'`, `'c${String(random.below(9))}'`, `'PT'`])
const joined = (random: Random) =>
  random.pick([
    'null',
    `'infinity'`,
    `'2026-01-01'`,
    `'2026-01-01'::timestamptz + interval '1 second' * ${String(random.below(99))}`,
  ])
const rating = (random: Random) =>
  random.pick([
    `'NaN'`,
    `'-infinity'`,
    `'infinity'`,
    '-0.0::float8',
    '0',
    'null',
    '1',
    String(random.below(1000) / 8),
    String(random.below(30)),
  ])
const nick = (random: Random) =>
  random.pick([`''`, 'null', `'ö'`, `'b' || ${String(random.below(99))}`, `'same'`])
const temper = (random: Random) => random.pick([`'calm'`, `'wild'`, `'odd'`, 'null']) + '::mood'
const day = (random: Random) =>
  random.pick(['null', `'2026-02-03'`, `'2026-02-0${String(1 + random.below(5))}'`]) + '::date'
