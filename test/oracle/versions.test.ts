import { expect, test } from 'vitest'
import { compileDeclared } from '../../src/migrate/compile-declared.ts'
import { isRefreshed } from '../../src/compile/refresh/refresh-plan.ts'
import { findAllChanges } from '../../src/migrate/all-changes.ts'
import { isMaking } from '../../src/migrate/changes.ts'
import { finish } from '../../src/migrate/finish.ts'
import { installInOrder } from '../../src/migrate/in-order.ts'
import { readInstalled } from '../../src/migrate/read-installed.ts'
import { scheduledSteps } from '../../src/migrate/scheduled-steps.ts'
import { installSchema } from '../../src/migrate/schema.ts'
import { versionsBefore } from '../../src/migrate/versions-before.ts'
import { runJob } from '../../src/work/schedule/run.ts'
import { refreshedOf } from '../support/scheduled.ts'
import { prune } from '../../src/migrate/prune.ts'
import { readReaders } from '../../src/migrate/readers.ts'
import { stepsOf } from '../../src/migrate/steps.ts'
import { MillraceError } from '../../src/errors.ts'
import type { Client, Connection } from '../../src/pg/client.ts'
import { drainAll } from '../../src/work/drain-all.ts'
import { drainOnce } from '../../src/work/drain.ts'
import { readAllPlans, readDrained, readVersions } from '../../src/work/model.ts'
import { catalogTrace } from '../faults/catalog-trace.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { definitionOf, type TestModel } from '../support/models.ts'
import { ROLES } from '../support/roles.ts'
import { SEED } from '../support/seed.ts'
import { compareStored, compareStrict } from './compare.ts'
import { randomFrom, type Random } from './random.ts'

/**
 * Models change while others write, drain and read: at every moment each name answers, with all rows of one version, and no number
 * that only grows goes back. MILLRACE_VERSION_ROUNDS says how many changes there are, MILLRACE_SEED where to begin.
 *
 * Seen to fail: when an upper model is drained before the rows below it are captured, when rank trees are filled beside a drain with an
 * older snapshot, when capture widens the queue before it has the source (it never comes about), and when versions that are pruned
 * are still captured for; when a version that is refreshed keeps the function for pages of one that was kept, and when a worker
 * refreshes a version that is being finished; when nothing catches up before the swap, and when the version in use is drained meanwhile
 * (`votes of 51 went back`); when views of others lose their grants.
 */
const ROUNDS = Number(process.env['MILLRACE_VERSION_ROUNDS'] ?? 4)

const [USERS, PROJECTS] = [8, 60]

const SCHEMA = `
  create table users (id int primary key, name text not null);
  create table projects (id int primary key, user_id int not null references users, title text not null);
  create table votes (
    id bigint generated always as identity primary key,
    project_id int not null references projects,
    points int not null
  );
  create index on projects (user_id);
  create index on votes (project_id);
  insert into users select i, 'user ' || i from generate_series(1, ${String(USERS)}) as i;
  insert into projects select i, 1 + i % ${String(USERS)}, 'project ' || i from generate_series(1, ${String(PROJECTS)}) as i;
  insert into votes (project_id, points) select 1 + i % ${String(PROJECTS)}, 1 from generate_series(1, 600) as i;`

type Set = 'A' | 'B' | 'C'

/** B lacks a column of A, so the views must be made anew; C has one more at the end, so they can stay. */
const FEEDS: Readonly<Record<Set, string>> = {
  A: `select p.id, p.user_id, (select count(*) from votes v where v.project_id = p.id) as votes, 'A' as made, p.title
      from projects p`,
  B: `select p.user_id, (select count(*) from votes v where v.project_id = p.id) as votes, 'B' as made, p.id
      from projects p`,
  C: `select p.id, p.user_id, (select count(*) from votes v where v.project_id = p.id) as votes, 'C' as made, p.title,
             (select coalesce(sum(v.points), 0) from votes v where v.project_id = p.id) as points
      from projects p`,
}

const BOARDS: Readonly<Record<Set, string>> = {
  A: `select u.id, (select count(*) from votes v join projects p on p.id = v.project_id where p.user_id = u.id) as votes, u.name
      from users u`,
  B: `select u.id, (select count(*) from votes v join projects p on p.id = v.project_id where p.user_id = u.id) as votes
      from users u`,
  C: `select u.id, (select count(*) from votes v join projects p on p.id = v.project_id where p.user_id = u.id) as votes, u.name, 1 as more
      from users u`,
}

const TALLIES: Readonly<Record<Set, string>> = {
  A: 'select v.project_id, count(*) as n from votes v group by v.project_id',
  B: 'select v.project_id, count(*) as n, sum(v.points) as points from votes v group by v.project_id',
  C: 'select v.project_id, count(*) as n, sum(v.points) as points, count(*) + 1 as more from votes v group by v.project_id',
}

/** How the tally is kept. */
type Freshness = 'immediate' | 'eventual' | 'every'

function modelsOf(set: Set, freshness: Freshness): readonly TestModel[] {
  return [
    { name: 'feed', key: 'id', query: FEEDS[set] },
    // The same text each time: it is another because what it reads is.
    {
      name: 'owners',
      key: 'user_id',
      query: 'select f.user_id, sum(f.votes) as votes, min(f.made) as made from feed f group by f.user_id',
    },
    {
      name: 'board',
      key: 'id',
      query: BOARDS[set],
      leaderboard: { score: 'votes desc', ties: [], within: [] },
    },
    ...(freshness === 'every' ? [] : [{ ...tallyOf(set), freshness }]),
  ]
}

function tallyOf(set: Set) {
  return { name: 'tally', key: 'project_id', query: TALLIES[set] }
}

const ROLE_OPTIONS = { roles: { worker: ROLES.worker, reader: ROLES.reader } }

/** What the runner has locked more strongly than any statement of a drain does, on relations that are not Millrace's own. */
interface Locks {
  readonly client: Connection
  readonly taken: Map<string, readonly [mode: string, relation: string]>
}

/** Looks at its own locks before each commit. */
function watchLocks(client: Connection): Locks {
  const taken: Locks['taken'] = new Map()
  return {
    taken,
    client: {
      ...client,
      query: async (text, values) => {
        if (text === 'commit') {
          const rows = await client.query<{ mode: string; relation: string }>(STRONG_LOCKS).catch(() => [])
          for (const { mode, relation } of rows) taken.set(`${mode} ${relation}`, [mode, relation])
        }
        return await client.query(text, values)
      },
    },
  }
}

const RELATIONS = `
  select n.nspname || '.' || c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace`

/** Locks stronger than those of reading and writing, the weakest first. */
const STRENGTH = [
  'ShareUpdateExclusiveLock',
  'ShareLock',
  'ShareRowExclusiveLock',
  'ExclusiveLock',
  'AccessExclusiveLock',
]

const STRONG_LOCKS = `
  select l.mode, n.nspname || '.' || c.relname as relation
  from pg_locks l
  join pg_class c on c.oid = l.relation
  join pg_namespace n on n.oid = c.relnamespace
  where l.pid = pg_backend_pid()
    and l.mode in (${STRENGTH.map((it) => `'${it}'`).join(', ')})
    and n.nspname = 'public' and c.relkind in ('r', 'v')`

async function migrateTo(
  database: TestDatabase,
  set: Set,
  freshness: Freshness,
): Promise<{ readonly unannounced: readonly string[] }> {
  const owner = await database.connect('owner')
  const declared = await compileDeclared(owner, {
    models: modelsOf(set, freshness).map(definitionOf),
    refreshed: freshness === 'every' ? [refreshedOf(tallyOf(set))] : [],
    jobs: [],
  })
  const standing = await readInstalled(owner)
  const { changes, onSchedule } = findAllChanges(declared, standing.models, standing.scheduled)
  const steps = [
    ...stepsOf({ changes, installed: standing.models, schema: [], readers: await readReaders(owner) }),
    ...scheduledSteps({ changes: onSchedule, schema: [], isLast: false }),
  ]
  const promised = steps.flatMap(({ locks }) => locks)
  const isPromised = ([mode, relation]: readonly [string, string]) =>
    promised.some(
      (it) => it.relation === relation && STRENGTH.indexOf(words(it.mode)) >= STRENGTH.indexOf(mode),
    )
  const known = await owner.query<{ name: string }>(RELATIONS)
  const { client, taken } = watchLocks(owner)
  const retry = { timeoutMs: 500, attempts: 20 }
  await prune(
    client,
    changes.flatMap((it) => (it.kind === 'prune' ? [it.installed] : [])),
    { retry },
  )
  const made = {
    models: changes.flatMap((it) => (isMaking(it) ? [it.model] : [])),
    refreshed: onSchedule.flatMap((it) => (it.what === 'model' ? [it.model] : [])),
    jobs: [],
  }
  await installInOrder(client, made, { ...ROLE_OPTIONS, retry })
  await owner.end()
  // Nobody waits for what was not there.
  const felt = [...taken.values()].filter(([, relation]) => known.some(({ name }) => name === relation))
  return { unannounced: felt.filter((it) => !isPromised(it)).map((it) => it.join(' ')) }
}

/** All that have a version before go back to it. → how many */
async function goBack(database: TestDatabase): Promise<number> {
  const owner = await database.connect('owner')
  const before = versionsBefore(await readAllPlans(owner), [])
  const retry = { timeoutMs: 500, attempts: 20 }
  await finish(
    owner,
    before.map(({ storage }) => storage),
    { ...ROLE_OPTIONS, retry },
  )
  await owner.end()
  return before.length
}

/** `ACCESS EXCLUSIVE` is called AccessExclusiveLock in pg_locks. */
function words(mode: string): string {
  return `${mode
    .split(' ')
    .map((it) => it.slice(0, 1) + it.slice(1).toLowerCase())
    .join('')}Lock`
}

interface World {
  readonly database: TestDatabase
  readonly problems: string[]
  readonly isOver: () => boolean
  readonly counts: { writes: number; reads: number; drains: number; refreshes: number }
  /** Writers keep the tally, and no change of that is under way. */
  isTallyExact: boolean
  /** How often the tally has begun, or ended, to be kept less freshly: only then its rows may go back. */
  staler: number
}

async function write({ database, isOver, counts }: World, random: Random): Promise<void> {
  const client = await database.connect('writer')
  while (!isOver()) {
    const rows = 1 + random.below(3)
    await client.query(
      `insert into votes (project_id, points)
       select ${String(1 + random.below(PROJECTS - 3))} + i, 1 from generate_series(0, ${String(rows - 1)}) as i`,
    )
    if (random.oneIn(5))
      await client.query(`update projects set title = title || '.' where id = $1`, [
        1 + random.below(PROJECTS),
      ])
    counts.writes += 1
    await new Promise((resolve) => setTimeout(resolve, random.below(6)))
  }
}

async function drain(world: World, random: Random): Promise<void> {
  const { database, isOver, counts, problems } = world
  const client = await database.connect('worker')
  while (!isOver()) {
    for (const { plan } of await readDrained(client)) {
      try {
        if ((await drainOnce(client, plan)).status === 'drained') counts.drains += 1
      } catch (error) {
        if (!(error instanceof MillraceError) || error.code !== 'MODEL_CHANGED')
          problems.push(`drain: ${String(error)}`)
      }
    }
    if (random.oneIn(8)) await refreshTally(client, world)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

/** As a worker does when its time has come, also while a version is being built or changes places. */
async function refreshTally(client: Connection, { counts, problems }: World): Promise<void> {
  try {
    const { status } = await runJob(client, 'tally', { cause: 'request' })
    if (status === 'completed') counts.refreshes += 1
  } catch (error) {
    if (!(error instanceof MillraceError) || error.code !== 'JOB_UNKNOWN')
      problems.push(`refresh: ${String(error)}`)
  }
}

/** Reads every name again and again; in one of three rounds two times in one snapshot, with some time in between. */
async function read(world: World, random: Random): Promise<void> {
  const { database, isOver, counts, problems } = world
  const client = await database.connect('reader')
  const seen = new Map<string, number>()
  while (!isOver()) {
    try {
      const isLong = random.oneIn(3)
      if (isLong) await client.query('begin isolation level repeatable read; select 1')
      const before = await look(client, seen, world)
      if (isLong) {
        await new Promise((resolve) => setTimeout(resolve, random.below(40)))
        await look(client, seen, world)
        await client.query('commit')
      }
      counts.reads += before
    } catch (error) {
      problems.push(`read: ${String(error)}`)
      await client.query('rollback')
    }
  }
}

interface FeedRow {
  readonly id: number
  readonly votes: string
  readonly made: string
}

async function look(client: Client, seen: Map<string, number>, world: World): Promise<number> {
  const { problems } = world
  const feed = await client.query<FeedRow & object>('select id, votes, made from feed')
  if (feed.length !== PROJECTS) problems.push(`feed has ${String(feed.length)} rows`)
  if (new Set(feed.map(({ made }) => made)).size !== 1) problems.push('feed has rows of two versions')
  for (const { id, votes } of feed) {
    if (Number(votes) < (seen.get(`feed ${String(id)}`) ?? 0))
      problems.push(`votes of ${String(id)} went back`)
    seen.set(`feed ${String(id)}`, Number(votes))
  }
  const view = await client.query('select * from app_feed')
  if (view.length !== PROJECTS) problems.push(`app_feed has ${String(view.length)} rows`)
  const owners = await client.query('select user_id, votes from owners')
  if (owners.length !== USERS) problems.push(`owners has ${String(owners.length)} rows`)
  const top = await client.query('select id, rank from board_top(5)')
  if (top.length !== 5) problems.push(`board_top has ${String(top.length)} rows`)
  const wasExact = world.isTallyExact
  const { staler } = world
  const tally = await client.query<{ project_id: number; n: string; votes: string }>(
    `select project_id, t.n, v.n as votes from tally t
     full join (select project_id, count(*) as n from public.votes group by project_id) v using (project_id)`,
  )
  for (const { project_id: id, n } of tally) {
    const isComparable = staler % 2 === 0 && staler === world.staler && seen.get('staler') === staler
    if (isComparable && Number(n) < (seen.get(`tally ${String(id)}`) ?? 0))
      problems.push(`tally of ${String(id)} went back`)
    seen.set(`tally ${String(id)}`, Number(n))
  }
  seen.set('staler', staler === world.staler ? staler : -1)
  const wrong = tally.filter(({ n, votes }) => n !== votes)
  if (wasExact && world.isTallyExact && wrong.length > 0)
    problems.push(`tally is not exact: ${JSON.stringify(wrong[0])}`)
  return 5
}

async function expectExact(database: TestDatabase, set: string): Promise<void> {
  const owner = await database.connect('owner')
  const worker = await database.connect('worker')
  const versions = await readVersions(owner)
  await drainAll(worker, versions)
  for (const { storage, state, plan } of versions) {
    expect(await compareStored(owner, plan), `${set}: ${storage}, ${state}`).toEqual([])
    if (state === 'ready')
      expect(await compareStrict(owner, plan), `${set}: ${storage}, strictly`).toEqual([])
  }
  await owner.end()
  await worker.end()
}

const CHANGES: readonly Set[] = ['B', 'A', 'C', 'B', 'C', 'A']
const FRESHNESS: readonly Freshness[] = ['immediate', 'every', 'every', 'eventual', 'immediate']
/** After these all go back to the versions before. */
const BACK: readonly number[] = [1, 3]

async function freshnessNow(client: Client): Promise<Freshness> {
  const used = (await readAllPlans(client)).find(({ name, state }) => name === 'tally' && state === 'ready')
  if (used === undefined || isRefreshed(used.plan)) return 'every'
  return used.plan.immediate === null ? 'eventual' : 'immediate'
}

test('versions take the places of others while others write, drain and read', { timeout: 0 }, async () => {
  const database = await createTestDatabase(SCHEMA)
  const application = await database.connect('application')
  await application.query(`grant select on votes to ${ROLES.reader}`)
  const owner = await database.connect('owner')
  await installSchema(owner)
  expect((await migrateTo(database, 'A', 'immediate')).unannounced).toEqual([])
  await owner.query(`
    create view app_feed with (security_barrier = true) as select f.id, f.votes, f.made from feed f;
    comment on view app_feed is 'of the application';
    comment on view feed is 'asked for by the page';
    grant select on app_feed to ${ROLES.reader}`)
  const before = await catalogTrace(database)

  let isOver = false
  const problems: string[] = []
  const counts = { writes: 0, reads: 0, drains: 0, refreshes: 0 }
  const world: World = {
    database,
    problems,
    counts,
    isOver: () => isOver || problems.length > 0,
    isTallyExact: true,
    staler: 0,
  }
  const random = randomFrom(SEED)
  const running = [
    write(world, randomFrom(SEED + 1)),
    write(world, randomFrom(SEED + 2)),
    drain(world, randomFrom(SEED + 5)),
    read(world, randomFrom(SEED + 3)),
    read(world, randomFrom(SEED + 4)),
  ]
  let last: Set = 'A'
  let freshness: Freshness = 'immediate'
  let returns = 0
  for (let round = 0; round < ROUNDS && problems.length === 0; round += 1) {
    last = CHANGES[round] ?? random.pick(['A', 'B', 'C'].filter((it) => it !== last) as Set[])
    const next = FRESHNESS[round] ?? random.pick(['immediate', 'eventual', 'every'] as const)
    try {
      world.isTallyExact &&= freshness === 'immediate' && next === 'immediate'
      const isStaler = freshness === 'immediate' && next !== 'immediate'
      if (isStaler) world.staler += 1
      const { unannounced } = await migrateTo(database, last, next)
      if (isStaler) world.staler += 1
      problems.push(...unannounced.map((it) => `no step announces ${it}`))
      freshness = next
      world.isTallyExact = freshness === 'immediate'
      const refreshed = counts.refreshes
      // On a slow machine the next change would come before anybody has refreshed it.
      while (freshness === 'every' && counts.refreshes === refreshed && !world.isOver())
        await new Promise((resolve) => setTimeout(resolve, 5))
      if (!BACK.includes(round) && !random.oneIn(4)) continue
      world.isTallyExact = false
      const wasImmediate = freshness === 'immediate'
      if (wasImmediate) world.staler += 1
      returns += await goBack(database)
      freshness = await freshnessNow(owner)
      if (wasImmediate) world.staler += 1
      world.isTallyExact = freshness === 'immediate'
    } catch (error) {
      problems.push(`${last}: ${error instanceof Error ? (error.stack ?? '') : ''} ${JSON.stringify(error)}`)
    }
  }
  isOver = true
  await Promise.all(running)
  expect(problems, `seed ${String(SEED)}`).toEqual([])
  const { refreshes, ...others } = counts
  expect(Math.min(...Object.values(others))).toBeGreaterThan(10)
  expect(Math.min(refreshes, returns)).toBeGreaterThan(0)
  await expectExact(database, last)

  await migrateTo(database, 'A', 'immediate')
  await prune(
    owner,
    (await readAllPlans(owner)).filter(({ state }) => state !== 'ready'),
  )
  await expectExact(database, 'A, pruned')
  expect((await catalogTrace(database)).map(withoutVersion)).toEqual(before.map(withoutVersion))
  expect(
    await owner.query(`select obj_description('feed'::regclass) as feed, obj_description('app_feed'::regclass) as view,
                              (select reloptions::text from pg_class where oid = 'app_feed'::regclass) as options`),
  ).toEqual([
    { feed: 'asked for by the page', view: 'of the application', options: '{security_barrier=true}' },
  ])
})

/** Names tell of which version they are. */
function withoutVersion(object: string): string {
  return object.replaceAll(/_v\d+/g, '_v')
}
