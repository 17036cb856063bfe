import type { Migration, MigrationPart } from './migration.ts'
import type { ScriptStyle } from './script-style.ts'
import { guarded } from './sql-text.ts'

/** How a tool's scripts look. */
export interface ScriptDialect {
  /** What the functions are given: `knex: Knex`. */
  readonly parameter: string
  readonly type: string
  /** Above everything. */
  readonly imports: { readonly typed: string; readonly module?: string; readonly common?: string }
  /** Code that runs one statement, which is given as a template literal without its tags. */
  readonly run: (literal: string) => string
  /** The statement as the tool wants to have it; as it is where nothing is said. */
  readonly encode?: (statement: string) => string
}

/** A script with the functions `up` and `down`, the SQL readable in template literals. */
export function scriptText(
  { header, up, down }: Pick<Migration, 'header' | 'up' | 'down'>,
  { isTyped, isModule }: ScriptStyle,
  dialect: ScriptDialect,
): string {
  const { parameter, type, imports } = dialect
  const given = isTyped ? `${parameter}: ${type}` : parameter
  const result = isTyped ? ': Promise<void>' : ''
  const head = (name: string) =>
    isModule
      ? `export async function ${name}(${given})${result} {`
      : `exports.${name} = async function ${name}(${given}) {`
  const written = isTyped ? imports.typed : isModule ? imports.module : imports.common
  const functions = ([name, parts]: readonly [string, readonly MigrationPart[]]) =>
    [head(name), ...guarded(parts).flatMap((part) => callsOf(part, dialect)), '}'].join('\n')
  return [
    header.map((line) => `// ${line}`.trimEnd()).join('\n'),
    ...(written === undefined ? [] : [written]),
    functions(['up', up]),
    `${functions(['down', down])}\n`,
  ].join('\n\n')
}

function callsOf(
  { comment, statements }: MigrationPart,
  { run, encode = (it) => it }: ScriptDialect,
): readonly string[] {
  return [
    ...comment.map((line) => `  // ${line}`),
    ...statements.map((statement) => `  await ${run(templateText(encode(statement.trim())))}`),
  ]
}

/** Text as it must stand between backticks to mean itself. */
function templateText(text: string): string {
  return text.replaceAll(/\\|`|\$\{/g, (it) => `\\${it}`).replaceAll('\r', String.raw`\r`)
}
