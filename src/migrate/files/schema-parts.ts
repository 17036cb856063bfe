import { splitStatements } from '../../sql/parse.ts'
import type { MigrationPart } from '../formats/migration.ts'
import { schemaFiles } from '../../catalog/schema-files.ts'

/** What brings Millrace's own schema from one version (0: there is none) to another; an older program does not undo it. */
export async function schemaParts(from: number, to: number): Promise<readonly MigrationPart[]> {
  const files = await schemaFiles()
  return files.slice(from, to).map((text, i) => {
    const version = String(from + i + 1)
    const comment =
      version === '1'
        ? 'millrace: make the schema in which Millrace keeps its own tables'
        : `millrace: version ${version} of its own schema`
    const noted = `insert into millrace.schema_version (version) values (${version})`
    return { comment: [comment], statements: [...statementsOf(text), noted] }
  })
}

function statementsOf(text: string): readonly string[] {
  const outcome = splitStatements(text)
  if (outcome.kind === 'problem')
    throw new Error(`a file of Millrace's own schema: ${outcome.problem.message}`)
  return outcome.statements.map((it) => it.text)
}
