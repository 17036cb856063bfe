import { setTimeout as pause } from 'node:timers/promises'
import { drainOnce } from '../../../src/work/drain.ts'
import { rotate } from '../../../src/work/rotate.ts'
import type { Random } from '../random.ts'
import { unexcusedRows } from './reads.ts'
import { report, type World } from './world.ts'

/** A worker without manners: drains in chunks of any size, rebuilds unasked, and empties slots as soon as it can. */
export async function drainer(world: World, random: Random): Promise<void> {
  const connection = await world.database.connect('worker')
  const worker = world.options.worker?.(connection) ?? connection
  while (!world.stop.signal.aborted) {
    const model = random.pick(world.models)
    const rebuild = random.oneIn(world.options.rebuildOneIn ?? 20)
    const result = await drainOnce(worker, model.plan, {
      chunk: random.pick([2, 7, 10_000]),
      rebuild,
      // Shorter than the writers wait before they look for a deadlock: it is the worker that gives up.
      lockTimeoutMs: 20,
      beforeCommit: async (client) => {
        report(world, model.name, 'after a drain', await unexcusedRows(client, model))
      },
    })
    if (result.status !== 'drained') await pause(2)
    else {
      world.counts.drains += 1
      if (rebuild) world.counts.rebuilds += 1
    }
    if (!random.oneIn(10)) continue
    const { emptied } = await rotate(worker, world.models, { everySlot: true, lockTimeoutMs: 30 })
    world.counts.rotations += emptied
  }
}
