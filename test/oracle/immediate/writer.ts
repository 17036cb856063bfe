import type { Client } from '../../../src/pg/client.ts'
import { isDatabaseError } from '../../../src/pg/errors.ts'
import type { Random } from '../random.ts'
import { attempt, type Attempt } from './attempt.ts'
import { check, lookAtOwn } from './check.ts'
import { randomTransaction, type Transaction } from './transactions.ts'
import type { Session, World } from './world.ts'

/** Runs random transactions, those again that failed through no fault of their own, and checks after their commits. */
export async function writer(
  world: World,
  session: Session,
  random: Random,
  isOver: () => boolean,
): Promise<void> {
  while (!isOver()) {
    const transaction = randomTransaction(random, world.stretch.habits, world.options.tables)
    world.counts.operations += transaction.statements.length
    const hasCommitted = await writeOnce(world, session, transaction, random)
    if (!hasCommitted) continue
    world.counts.commits += 1
    if (world.counts.commits % world.options.checkOneIn === 0)
      await throughGate(world, session.reader, 'shared', () => check(world, session.reader, random))
  }
}

const MAX_ATTEMPTS = 3

async function writeOnce(
  world: World,
  session: Session,
  transaction: Transaction,
  random: Random,
): Promise<boolean> {
  const { truncates, isolation, looks } = transaction
  const isLong = isolation !== 'read committed' || looks
  const gate = truncates ? 'alone' : isLong ? 'shared' : 'open'
  for (let attempts = 1; attempts <= MAX_ATTEMPTS; attempts += 1) {
    const name = `immediate_${String(session.pid)}_${String(world.counts.operations)}_${String(attempts)}`
    const done = await throughGate(world, session.client, gate, () => {
      session.transaction = transaction
      return attempt(session.client, transaction, name, world.models, () =>
        lookAtOwn(world, session.client, transaction, random),
      )
    })
    note(world, session, transaction, done)
    if (done.end === 'committed') return true
    if (done.end !== 'deadlock' && done.end !== 'serialization failure') return false
  }
  return false
}

/** One TRUNCATE keeps out every look with an older snapshot, and these it: PostgreSQL's documented exception. */
async function throughGate<T>(
  { stretch }: World,
  client: Client,
  how: 'alone' | 'shared' | 'open',
  pass: () => Promise<T>,
): Promise<T> {
  if (how === 'open' || !stretch.habits.truncates) return await pass()
  const suffix = how === 'shared' ? '_shared' : ''
  await client.query(`select pg_advisory_lock${suffix}(${String(GATE)})`)
  try {
    return await pass()
  } finally {
    await client.query(`select pg_advisory_unlock${suffix}(${String(GATE)})`)
  }
}

const GATE = 4712

function note(world: World, session: Session, transaction: Transaction, { end, error }: Attempt): void {
  const { isolation, shape } = transaction
  add(world.ends, [world.stretch.name, isolation, shape, end].join(' | '))
  world.recently.push(`${String(session.pid)} ${end}, ${isolation}: ${textOf(transaction)}`)
  if (world.recently.length > 400) world.recently.splice(0, 200)
  if (end !== 'deadlock') return
  const members = membersOf(world, error)
  const shapes = members.map((it) => it?.transaction?.shape ?? 'a worker').sort()
  add(world.deadlocks, `${world.stretch.name}: ${shapes.join(' + ')}, over ${rowsOf(world, error)}`)
  if (shape === 'single') world.meetings.push(meetingOf(members, error))
}

/** PostgreSQL names the processes that waited for one another. Those that were not its victim may be further by now. */
function membersOf({ sessions }: World, error: unknown): readonly (Session | undefined)[] {
  const detail = isDatabaseError(error) ? (error.detail ?? '') : ''
  const pids = new Set([...detail.matchAll(/Process (\d+) waits/g)].map(([, pid]) => Number(pid)))
  return [...pids].map((pid) => sessions.find((it) => it.pid === pid))
}

function meetingOf(members: readonly (Session | undefined)[], error: unknown): string {
  if (!isDatabaseError(error)) return String(error)
  const at = members.flatMap((it) =>
    it?.transaction === undefined ? [] : [`${String(it.pid)}: ${textOf(it.transaction)}`],
  )
  return [error.detail, error.where, ...at].join('\n')
}

function textOf({ statements }: Transaction): string {
  return statements.join('; ').replaceAll(/\s+/g, ' ')
}

/**
 * Whose rows the victim waited for: those of the application's tables, or what is Millrace's own. PostgreSQL says it of a row
 * in its context, by the table's name, and of the queue before a row in its detail, by the table's oid.
 */
function rowsOf({ tables }: World, error: unknown): 'its own rows' | 'rows of ours' {
  const { where = '', detail = '' } = isDatabaseError(error) ? error : {}
  const [, name] = /^while .* in relation "(\w+)"/.exec(where) ?? []
  const [, oid] = /^Process \d+ waits for \w+ on tuple \S+ of relation (\d+)/.exec(detail) ?? []
  return tables.some((it) => it.name === name || it.oid === oid) ? 'its own rows' : 'rows of ours'
}

function add(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1)
}
