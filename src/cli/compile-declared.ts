import { problemsOf, throwProblems } from '../define/problems.ts'
import type { Config } from '../define/resolve-config.ts'
import { MillraceError } from '../errors.ts'
import { compileModel, type CompiledModel } from '../migrate/compile-model.ts'
import { compileRefreshed } from '../migrate/compile-refreshed.ts'
import type { DeclaredSchedule } from '../migrate/scheduled-changes.ts'
import type { Client } from '../pg/client.ts'

/** Everything that is declared, compiled against a database. */
export interface CompiledDeclarations {
  /** The read models that follow what changes. */
  readonly models: readonly CompiledModel[]
  readonly schedule: DeclaredSchedule
}

/** Compiles every declared read model against a database; refusals of all of them are thrown at once. */
export async function compileDeclared(
  client: Client,
  { models, refreshed, jobs, searchPath }: Pick<Config, 'models' | 'refreshed' | 'jobs' | 'searchPath'>,
): Promise<CompiledDeclarations> {
  const problems: MillraceError[] = []
  const kept = await each(models, problems, (it) => compileModel(client, it, searchPath))
  const scheduled = await each(refreshed, problems, (it) => compileRefreshed(client, it, searchPath))
  throwProblems(problems)
  return { models: kept, schedule: { refreshed: scheduled, jobs, searchPath } }
}

/** A refusal concerns one model, and the next one may have its own; anything else concerns all. */
async function each<Definition, Compiled>(
  definitions: readonly Definition[],
  problems: MillraceError[],
  compile: (definition: Definition) => Promise<Compiled>,
): Promise<readonly Compiled[]> {
  const compiled: Compiled[] = []
  for (const definition of definitions) {
    try {
      compiled.push(await compile(definition))
    } catch (error) {
      if (!(error instanceof MillraceError)) throw error
      problems.push(...problemsOf(error))
    }
  }
  return compiled
}
