import type { Client } from '../../../src/pg/client.ts'
import { compareStrictly } from '../compare.ts'
import { seesRowsTwice } from '../conflicts.ts'
import type { Random } from '../random.ts'
import { checkStrictKeys, differingRows, findDiffering, unexcusedRows, type Checked } from './reads.ts'
import type { Transaction } from './transactions.ts'
import { report, type World } from './world.ts'

/**
 * Asks in one fresh snapshot: is what readers find what the queries say, plainly and strictly? A plain read may be wrong only
 * where a unit waits: for a worker, or because it could not be computed.
 */
export async function check(world: World, reader: Client, random: Random): Promise<void> {
  world.counts.checks += 1
  await reader.query('begin transaction isolation level repeatable read')
  for (const model of await findDiffering(reader, world.models, 'plain')) {
    const mayLag = world.stretch.hasWorkers || (canWait(model) && !world.stretch.isSettled)
    const rows = await (mayLag ? unexcusedRows(reader, model) : differingRows(reader, model, 'plain'))
    if (mayLag) world.counts.lagging += 1
    report(world, model.name, 'plain read', rows)
  }
  if (random.oneIn(world.options.strictOneIn)) await checkStrictly(world, reader, random)
  await reader.query('rollback')
}

function canWait({ immediate }: Checked): boolean {
  return immediate?.mayWait === true || (immediate?.failing !== undefined && immediate.onError === 'queue')
}

async function checkStrictly(world: World, reader: Client, random: Random): Promise<void> {
  world.counts.strictChecks += 1
  for (const model of await findDiffering(reader, world.models, 'strict'))
    report(world, model.name, 'strict read', await differingRows(reader, model, 'strict'))

  for (const model of world.models) {
    const { rows, raised } = await checkStrictKeys(reader, model, random)
    world.counts.raised += raised
    report(world, model.name, 'strict read of one key', rows)
  }
}

/** A writer looks at its own writes before its transaction ends. */
export async function lookAtOwn(
  world: World,
  client: Client,
  { isolation, cascades }: Transaction,
  random: Random,
): Promise<void> {
  const whole = world.models.filter((it) => it.immediate?.failing === undefined)
  if (whole.length === 0) return
  const model = random.pick(whole)
  world.counts.ownLooks += 1
  const { how, rows } = await compareStrictly(client, model.plan, random)
  const isOurs = rows.length > 0 && !(await seesRowsTwice(client, model.plan))
  if (isOurs) report(world, model.name, `own writes, strict ${how}, ${isolation}`, rows)

  // What folds is added by each statement itself, unless the statement was set off by another.
  const isAtOnce = model.immediate?.kind === 'fold' && isolation === 'read committed' && !cascades
  if (isAtOnce && !canWait(model) && !world.stretch.hasWorkers)
    report(world, model.name, 'own writes, plain read', await differingRows(client, model, 'plain'))
}
