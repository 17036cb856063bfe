import { MillraceError } from '../errors.ts'
import { parseStatements } from '../sql/parse.ts'
import { nameProblem } from './check-name.ts'
import { describe } from './describe.ts'
import { queryText } from './query-text.ts'
import type { SqlObject } from './sql-object.ts'
import type { TouchUpdatedAt } from './touch-updated-at.ts'

/** An object of the user's as it is installed: checked, the SQL as text. */
export interface ObjectDefinition {
  readonly name: string
  readonly up: string
  readonly down: string
  readonly dependsOn: readonly string[]
  /** File and line of the declaration. */
  readonly file: string | undefined
}

export interface TouchDefinition {
  readonly column: string
  readonly schema: string
  readonly except: readonly string[]
  readonly file: string | undefined
}

interface Resolved<T> {
  readonly definition: T
  readonly problems: readonly MillraceError[]
}

/** Checks a declared object. Needs the parser. */
export function resolveObject(declaration: SqlObject): Resolved<ObjectDefinition> {
  const { name, up, down, dependsOn = [], declaredAt: file } = declaration
  const title = typeof name === 'string' && name !== '' ? name : '(without a name)'
  const [made, taken] = [textOf('up', up), textOf('down', down)]
  const nameless = typeof name === 'string' && name.trim() !== '' ? [] : [bad('the name is missing', NAME)]
  const list: unknown = dependsOn
  const isList = Array.isArray(list) && list.every((it) => typeof it === 'string')
  const depends = isList ? [] : [bad('"dependsOn" is not a list of names', DEPENDS)]
  const problems = [...nameless, ...made.problems, ...taken.problems, ...depends].map(
    ({ detail, hint, position, source }) =>
      new MillraceError('BAD_OBJECT', { detail: `${title}: ${detail ?? ''}`, hint, position, source, file }),
  )
  return { definition: { name, up: made.text, down: taken.text, dependsOn, file }, problems }
}

const NAME = `Write sqlObject('slugify', { up: sql\`create …\`, down: sql\`drop …\` }).`
const DEPENDS = `Write dependsOn: ['slugify', 'feed'].`

function textOf(
  option: string,
  query: unknown,
): { readonly text: string; readonly problems: readonly MillraceError[] } {
  if (query === undefined) return { text: '', problems: [bad(`"${option}" is missing`, NAME)] }
  try {
    const text = queryText(query)
    const outcome = parseStatements(text)
    if (outcome.kind === 'statements') {
      const isNothing = outcome.statements.length === 0
      return { text, problems: isNothing ? [bad(`"${option}" holds no statement`, NAME)] : [] }
    }
    const { message, position } = outcome.problem
    const detail = `"${option}": ${message}`
    const hint = 'Correct the statement at the place shown.'
    return { text, problems: [new MillraceError('BAD_OBJECT', { detail, hint, position, source: text })] }
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error
    return { text: '', problems: [bad(`"${option}": ${error.detail ?? ''}`, NAME)] }
  }
}

/** Checks touchUpdatedAt(). */
export function resolveTouch(declaration: TouchUpdatedAt): Resolved<TouchDefinition> {
  const { column = 'updatedAt', schema = 'public', except = [], declaredAt: file } = declaration
  const named = { column, schema }
  const list: unknown = except
  const isList = Array.isArray(list) && list.every((it) => typeof it === 'string')
  const problems = [
    ...Object.entries(named).flatMap(([option, value]) => {
      const problem = nameProblem(value)
      return problem === undefined ? [] : [`"${option}" ${problem}`]
    }),
    ...(isList ? [] : [`"except" is ${describe(list)} and not a list of tables`]),
  ].map((it) => {
    const hint = `Write touchUpdatedAt({ column: 'updatedAt', schema: 'public' }).`
    return new MillraceError('BAD_OBJECT', { detail: `touchUpdatedAt: ${it}`, hint, file })
  })
  return { definition: { column, schema, except, file }, problems }
}

function bad(detail: string, hint: string): MillraceError {
  return new MillraceError('BAD_OBJECT', { detail, hint })
}
