import { captureSql, mergeSources, type EventCapture } from '../compile/capture/capture.ts'
import type { RelationName } from '../compile/plan.ts'
import { sourcesOf } from '../compile/sources-of.ts'
import { asCaptured, queueColumns } from '../migrate/capture-source.ts'
import type { Client } from '../pg/client.ts'
import type { InstalledModel } from '../work/model.ts'
import { runCommand, type Remedy } from './finding.ts'
import { displayName, isSameName } from '../sql/names.ts'

/** A captured table with the read models that read it. */
export interface ExaminedSource {
  readonly relation: RelationName
  readonly models: readonly InstalledModel[]
}

export function examinedSources(models: readonly InstalledModel[]): readonly ExaminedSource[] {
  return sourcesOf(models.map(({ plan }) => plan)).map((relation) => ({
    relation,
    models: models.filter(({ plan }) => plan.sources.some((it) => isSameName(it.relation, relation))),
  }))
}

/** What the source's capture should be, given the columns that its queue has. */
export async function expectedCapture(
  client: Client,
  { relation, models }: ExaminedSource,
): Promise<readonly EventCapture[]> {
  const parts = models.flatMap((model) =>
    asCaptured(model).sources.filter((it) => isSameName(it.relation, relation)),
  )
  return captureSql(mergeSources(parts), await queueColumns(client, relation)).events
}

/** What was written while capture was not as it should be is in no queue. */
export function rebuildOf(models: readonly InstalledModel[]): Remedy {
  // Versions of a model are rebuilt by its name.
  return runCommand(`millrace rebuild ${[...new Set(models.map(displayName))].join(' ')}`)
}
