import { namesOf } from '../../analyze/ast/nodes.ts'
import { displayName } from '../../sql/names.ts'
import { parsePlaced, type Node } from '../../sql/parse.ts'
import { join, literal, sql } from '../../sql/sql.ts'
import { briefly, step, type Step, type StepLock } from '../step.ts'
import type { ObjectChange } from './changes.ts'
import type { InstalledObject } from './installed.ts'
import type { PlacedObject } from './order.ts'

export interface ObjectSteps {
  /** Of those of `before` the ones that take away what reads models. */
  readonly aside: readonly Step[]
  /** Before read models are removed or made. */
  readonly before: readonly Step[]
  /** When they stand. */
  readonly after: readonly Step[]
  /** Something is taken away and made again: in one transaction, nobody sees that it was gone. */
  readonly isAtOnce: boolean
}

/**
 * The steps of objects, in order. What reads models goes before anything happens to them and comes when they stand; the others
 * come before models, which may read them, and go last. Statements of one step belong into one transaction.
 */
export function objectSteps(changes: readonly ObjectChange[]): ObjectSteps {
  const gone = changes
    .flatMap((it) => (it.kind === 'remove' || it.kind === 'replace' ? [it] : []))
    .sort((a, b) => b.installed.n - a.installed.n)
  const moved = new Set(gone.flatMap((it) => (it.kind === 'replace' ? [it.installed.name] : [])))
  // What needs one that is taken away for a moment goes before it; all else that is not declared any more goes last.
  const isLast = ({ kind, installed }: (typeof gone)[number]) =>
    kind === 'remove' && !installed.afterModels && !installed.dependsOn.some((it) => moved.has(it))
  const made = (afterModels: boolean) =>
    changes.flatMap((it) => {
      if (it.kind === 'remove' || it.object.afterModels !== afterModels) return []
      return [it.kind === 'update' ? overStep(it.object, it.installed) : madeStep(it.object)]
    })
  const taken = (all: typeof gone) => all.map(({ installed }) => takenStep(installed))
  const first = gone.filter((it) => !isLast(it))
  const aside = taken(first.filter(({ installed }) => installed.afterModels))
  return {
    aside,
    before: [...aside, ...taken(first.filter(({ installed }) => !installed.afterModels)), ...made(false)],
    after: [...made(true), ...taken(gone.filter(isLast))],
    isAtOnce: moved.size > 0,
  }
}

export function madeStep(object: Recorded): Step {
  return step({
    about: `object ${object.name}`,
    describe: 'make it',
    statements: [...statementsOf(object.up), record(object)],
    locks: locksOf(object.up),
    inverse: [...statementsOf(object.down), forget(object)],
  })
}

function overStep(object: PlacedObject, installed: InstalledObject): Step {
  return step({
    about: `object ${object.name}`,
    describe: 'make it anew in its own place',
    statements: [...statementsOf(object.up), record(object)],
    locks: locksOf(object.up),
    inverse: [...statementsOf(installed.up), record(installed)],
  })
}

function takenStep(installed: InstalledObject): Step {
  return step({
    about: `object ${installed.name}`,
    describe: 'take it away',
    statements: [...statementsOf(installed.down), forget(installed)],
    locks: locksOf(installed.down),
    inverse: [...statementsOf(installed.up), record(installed)],
  })
}

type Recorded = Pick<InstalledObject, 'name' | 'up' | 'down' | 'dependsOn' | 'afterModels'>

function record({ name, up, down, dependsOn, afterModels }: Recorded): string {
  const names = dependsOn.length === 0 ? sql`'{}'` : sql`array[${join(dependsOn.map(literal))}]`
  const values = [
    literal(name),
    literal(up),
    literal(down),
    names,
    sql`${literal(String(afterModels))}::boolean`,
  ]
  return sql`insert into millrace.object (name, up, down, depends_on, after_models)
values (${join(values)})
on conflict (name) do update
set up = excluded.up, down = excluded.down, depends_on = excluded.depends_on, after_models = excluded.after_models`
    .text
}

function forget({ name }: { readonly name: string }): string {
  return sql`delete from millrace.object where name = ${literal(name)}`.text
}

/** The single statements of a text. */
function statementsOf(text: string): readonly string[] {
  const outcome = parsePlaced(text)
  if (outcome.kind === 'problem') return [text]
  const bytes = Buffer.from(text)
  return outcome.statements.map(({ start, end }) => bytes.subarray(start, end).toString().trim())
}

function locksOf(text: string): readonly StepLock[] {
  const outcome = parsePlaced(text)
  if (outcome.kind === 'problem') return []
  return outcome.statements.flatMap(({ node }) => lockOf(node))
}

function lockOf(node: Node): readonly StepLock[] {
  if ('CreateTrigStmt' in node)
    return [briefly('SHARE ROW EXCLUSIVE', relationOf(node.CreateTrigStmt.relation))]
  if ('AlterTableStmt' in node) return [briefly('ACCESS EXCLUSIVE', relationOf(node.AlterTableStmt.relation))]
  if (!('DropStmt' in node) || node.DropStmt.removeType !== 'OBJECT_TRIGGER') return []
  return (node.DropStmt.objects ?? []).map((it) => {
    const names = 'List' in it ? namesOf(it.List.items).slice(0, -1) : []
    return briefly('ACCESS EXCLUSIVE', names.join('.'))
  })
}

function relationOf(
  relation: { readonly schemaname?: string; readonly relname?: string } | undefined,
): string {
  const { schemaname, relname = '' } = relation ?? {}
  return schemaname === undefined ? relname : displayName({ schema: schemaname, name: relname })
}
