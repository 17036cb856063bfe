import { loadParser } from '../../sql/parse.ts'
import { ident, join, sql } from '../../sql/sql.ts'
import { findAllChanges, type AllChanges } from '../all-changes.ts'
import type { MigrationPart } from '../formats/migration.ts'
import { DROP_SCHEMA } from '../schema.ts'
import { findObjectChanges, type ObjectChange } from '../objects/changes.ts'
import type { Step } from '../step.ts'
import { stepsOf } from '../steps.ts'
import { indexParts, withoutIndexes } from './index-parts.ts'
import { objectParts } from './object-parts.ts'
import { partOf } from './part-of.ts'
import { pruneFormer, pruneRemoved } from './prune-former.ts'
import { scheduledParts } from './scheduled-parts.ts'
import { schemaParts } from './schema-parts.ts'
import { serverSteps } from './server-steps.ts'
import { declarationsOf, type State } from './state.ts'

/** The way from one state of a database to another. */
export interface Transition {
  readonly changes: AllChanges
  readonly objects: readonly ObjectChange[]
  /** Extensions and settings of the server. */
  readonly server: readonly Step[]
  /** What any tool can run in one transaction. */
  readonly parts: readonly MigrationPart[]
  /** What is left to `millrace migrate up`, which finds it by itself: a line for each. */
  readonly left: readonly string[]
}

/** Finds the way between two states: a migration goes it, and what undoes the migration is the way back. */
export async function transitionBetween(from: State, to: State): Promise<Transition> {
  await loadParser()
  const wanted = declarationsOf(to)
  const changes = findAllChanges(wanted, from.models, from.scheduled)
  const indexes = indexParts(changes.changes)
  const steps =
    changes.changes.length === 0
      ? []
      : stepsOf({
          changes: changes.changes.map(withoutIndexes),
          installed: from.models,
          schema: [],
          isHomeKept: true,
        })
  const run = steps.filter(({ by }) => by === 'migration')
  const scheduled = scheduledParts(changes.onSchedule, to.searchPath)
  const objects = findObjectChanges(wanted.objects, from.objects)
  const own = objectParts(objects)
  const areModelsChanged = changes.changes.length + changes.onSchedule.length > 0
  const server = serverSteps(from.server, to.server)
  return {
    changes,
    objects,
    server,
    parts: [
      // First, for queries may name what extensions bring.
      ...server.map(partOf),
      ...(await schemaParts(from.schemaVersion, to.schemaVersion)),
      ...(from.schemaVersion > 0 && areModelsChanged ? [pruneFormer(changes)] : []),
      ...lookedUpIn(to.searchPath, own.before),
      ...scheduled.removed,
      ...indexes.dropped,
      ...run.map(partOf),
      ...pruneRemoved(changes),
      ...scheduled.made,
      ...lookedUpIn(to.searchPath, own.after),
      ...(from.schemaVersion > 0 && to.schemaVersion === 0 ? [DROPPED] : []),
    ],
    left: [
      ...steps.filter(({ by }) => by === 'runner').map(({ about, describe }) => `${about}: ${describe}`),
      ...indexes.left,
      ...scheduled.left,
      ...own.left,
    ],
  }
}

/** Statements of the user's own name things as he is used to. */
function lookedUpIn(
  searchPath: readonly string[] | null,
  parts: readonly MigrationPart[],
): readonly MigrationPart[] {
  if (searchPath === null || parts.length === 0) return parts
  const path = join(searchPath.map((it) => ident(it)))
  return [
    { comment: [], statements: [sql`set local search_path = ${path}`.text] },
    ...parts,
    { comment: [], statements: ['set local search_path to default'] },
  ]
}

const DROPPED: MigrationPart = {
  comment: ['millrace: remove the schema, now that nothing is left in it'],
  statements: DROP_SCHEMA,
}
