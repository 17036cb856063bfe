import { problemsOf, throwProblems } from '../define/problems.ts'
import type { Config } from '../define/resolve-config.ts'
import { MillraceError } from '../errors.ts'
import { compileModel, type CompiledModel } from '../migrate/compile-model.ts'
import type { Client } from '../pg/client.ts'

/** Compiles every declared read model against a database; refusals of all of them are thrown at once. */
export async function compileDeclared(
  client: Client,
  { models, searchPath }: Pick<Config, 'models' | 'searchPath'>,
): Promise<readonly CompiledModel[]> {
  const compiled: CompiledModel[] = []
  const problems: MillraceError[] = []
  for (const definition of models) {
    try {
      compiled.push(await compileModel(client, definition, searchPath))
    } catch (error) {
      // A refusal concerns one model, and the next one may have its own; anything else concerns all.
      if (!(error instanceof MillraceError)) throw error
      problems.push(...problemsOf(error))
    }
  }
  throwProblems(problems)
  return compiled
}
