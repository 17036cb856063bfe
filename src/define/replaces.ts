import { parseStatements } from '../sql/parse.ts'
import { describe } from './describe.ts'
import { isRecord } from './is-record.ts'
import { nameProblem } from './check-name.ts'
import type { ReplacesOptions } from './read-model.ts'

/** What a read model takes the place of, checked. */
export interface Replaced {
  readonly kind: ReplacesOptions['kind']
  readonly triggers: readonly {
    readonly table: { readonly schema: string; readonly name: string }
    readonly name: string
  }[]
  readonly jobs: readonly string[]
}

interface Problem {
  readonly detail: string
  readonly hint: string
}

const KINDS: readonly unknown[] = ['view', 'materialized view', 'table']
const OPTIONS = ['kind', 'triggers', 'jobs']
const HINT = `Write replaces: { kind: 'materialized view', triggers: ['refresh_feed on public.votes'] }.`

/** Everything that is wrong with the option `replaces`. A table without a schema is looked for in the model's own. */
export function replacesProblems(replaces: unknown, schema: string): readonly Problem[] {
  if (replaces === undefined) return []
  if (!isRecord(replaces)) return [problem(`replaces is ${describe(replaces)}`)]
  const { kind, triggers = [], jobs = [] } = replaces
  const unknown = Object.keys(replaces).filter((it) => !OPTIONS.includes(it))
  return [
    ...(KINDS.includes(kind) ? [] : [problem(`replaces.kind is ${describe(kind)}`)]),
    ...itemProblems('triggers', triggers, (it) =>
      typeof it === 'string' && triggerOf(it, schema) !== undefined ? undefined : `is ${describe(it)}`,
    ),
    ...itemProblems('jobs', jobs, nameProblem),
    ...unknown.map((it) => problem(`there is no option "replaces.${it}"`)),
  ]
}

/** What `replaces` says, once nothing is wrong with it. */
export function replacedOf(replaces: ReplacesOptions | undefined, schema: string): Replaced | undefined {
  if (replaces === undefined) return undefined
  const { kind, triggers = [], jobs = [] } = replaces
  return { kind, triggers: triggers.flatMap((it) => triggerOf(it, schema) ?? []), jobs }
}

function itemProblems(
  option: string,
  items: unknown,
  problemOf: (item: unknown) => string | undefined,
): readonly Problem[] {
  if (!Array.isArray(items)) return [problem(`replaces.${option} is ${describe(items)}`)]
  return items.flatMap((item: unknown) => {
    const found = problemOf(item)
    return found === undefined ? [] : [problem(`an entry of replaces.${option} ${found}`)]
  })
}

/** `refresh_feed on public.votes`, as DROP TRIGGER names it: PostgreSQL's parser reads it, quotes and all. */
function triggerOf(text: string, schema: string): Replaced['triggers'][number] | undefined {
  const outcome = parseStatements(`drop trigger ${text}`)
  const [statement, ...more] = outcome.kind === 'statements' ? outcome.statements : []
  if (statement === undefined || more.length > 0 || !('DropStmt' in statement)) return undefined
  const [object, ...others] = statement.DropStmt.objects ?? []
  if (object === undefined || others.length > 0 || !('List' in object)) return undefined
  const names = (object.List.items ?? []).map((it) => ('String' in it ? (it.String.sval ?? '') : ''))
  const [name, table, home = schema] = names.toReversed()
  return name === undefined || table === undefined
    ? undefined
    : { table: { schema: home, name: table }, name }
}

function problem(detail: string): Problem {
  return { detail, hint: HINT }
}
