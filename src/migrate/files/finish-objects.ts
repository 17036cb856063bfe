import type { Client } from '../../pg/client.ts'
import { loadParser } from '../../sql/parse.ts'
import { findObjectChanges } from '../objects/changes.ts'
import { readObjects } from '../objects/installed.ts'
import { runObjectSteps, type RunOptions } from '../objects/run.ts'
import { objectSteps } from '../objects/steps.ts'
import { declarationsOf, type State } from './state.ts'

/** Makes the user's objects that read read models, when these have their names. → the names of the objects */
export async function finishObjects(
  client: Client,
  state: State,
  options: Pick<RunOptions, 'signal'>,
): Promise<readonly string[]> {
  await loadParser()
  const changes = findObjectChanges(declarationsOf(state).objects, await readObjects(client))
  const { after } = objectSteps(changes.filter((it) => it.kind !== 'remove' && it.object.afterModels))
  await runObjectSteps(client, after, { ...options, searchPath: state.searchPath ?? undefined })
  return after.map(({ about }) => about)
}
