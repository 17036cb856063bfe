import { loadParser } from '../../sql/parse.ts'
import { ident, join, sql } from '../../sql/sql.ts'
import { findAllChanges, type AllChanges } from '../all-changes.ts'
import type { MigrationPart } from '../formats/migration.ts'
import { DROP_SCHEMA } from '../schema.ts'
import { findObjectChanges, type ObjectChange } from '../objects/changes.ts'
import { objectSteps } from '../objects/steps.ts'
import type { Step } from '../step.ts'
import { stepsOf } from '../steps.ts'
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
  const steps =
    changes.changes.length === 0
      ? []
      : stepsOf({ changes: changes.changes, installed: from.models, schema: [], isHomeKept: true })
  const run = steps.filter(({ by }) => by === 'migration')
  const scheduled = scheduledParts(changes.onSchedule, to.searchPath)
  const objects = findObjectChanges(wanted.objects, from.objects)
  const own = objectSteps(objects)
  const server = serverSteps(from.server, to.server)
  const isTaken = ({ about }: Step) =>
    objects.some((it) => it.kind === 'remove' && about === `object ${it.installed.name}`)
  return {
    changes,
    objects,
    server,
    parts: [
      // First, for queries may name what extensions bring.
      ...server.map(partOf),
      ...(await schemaParts(from.schemaVersion, to.schemaVersion)),
      ...lookedUpIn(to.searchPath, own.before.map(partOf)),
      ...scheduled.removed,
      ...run.map(partOf),
      ...scheduled.made,
      ...lookedUpIn(to.searchPath, own.after.filter(isTaken).map(partOf)),
      ...(from.schemaVersion > 0 && to.schemaVersion === 0 ? [DROPPED] : []),
    ],
    left: [
      ...steps.filter(({ by }) => by === 'runner').map(({ about, describe }) => `${about}: ${describe}`),
      ...scheduled.left,
      ...own.after.filter((it) => !isTaken(it)).map(({ about, describe }) => `${about}: ${describe}`),
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

function partOf({ about, describe, statements, locks }: Step): MigrationPart {
  const held = locks.map(({ mode, relation, duration }) => `locks ${relation} ${mode}, ${duration}`)
  return { comment: [`${about}: ${describe}`, ...held], statements }
}

const DROPPED: MigrationPart = {
  comment: ['millrace: remove the schema, now that nothing is left in it'],
  statements: DROP_SCHEMA,
}
