import { setTimeout } from 'node:timers/promises'
import type { Client } from 'pg'
import { newAgeReader, type Followed } from '../age-reader.ts'
import { newTimes, type Percentiles, type Times } from './figures.ts'

const EVERY_MS = 1_000

/** Looks once a second how old the read models are, until the signal. */
export async function followLags(
  client: Client,
  models: readonly Followed[],
  signal: AbortSignal,
): Promise<Readonly<Record<string, Percentiles>>> {
  const times = new Map<string, Times>(models.map(({ name }) => [name, newTimes()]))
  const read = newAgeReader(models)
  while (!signal.aborted) {
    for (const [name, age] of await read(client)) if (Number.isFinite(age)) times.get(name)?.record(age)
    await setTimeout(EVERY_MS, undefined, { signal }).catch(() => undefined)
  }
  return Object.fromEntries([...times].map(([name, it]) => [name, it.percentiles()]))
}
