import type { Client } from '../../pg/client.ts'
import { loadParser } from '../../sql/parse.ts'
import { runObjectSteps, type RunOptions } from '../objects/run.ts'
import { waitingSteps } from '../objects/waiting.ts'

/** Makes the user's objects that files have left, when the read models that they read have their names. → the names of the objects */
export async function finishObjects(
  client: Client,
  options: Pick<RunOptions, 'signal' | 'searchPath'>,
): Promise<readonly string[]> {
  await loadParser()
  const steps = await waitingSteps(client)
  await runObjectSteps(client, steps, options)
  return steps.map(({ about }) => about)
}
