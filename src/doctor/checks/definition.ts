import { problemsOf } from '../../define/problems.ts'
import type { MillraceError } from '../../errors.ts'
import { findChanges, isMaking, type Change } from '../../migrate/changes.ts'
import { compileEach } from '../../migrate/compile-declared.ts'
import type { ModelDefinition } from '../../migrate/compile-model.ts'
import { runCommand, type Examination, type Finding } from '../finding.ts'
import { displayName } from '../../sql/names.ts'

type Found = Omit<Finding, 'check'>

/** Read models that are not in the database as they are declared, or cannot be compiled any more. */
export async function definition({
  client,
  models,
  declared,
  schedule: { refreshed },
  searchPath,
}: Examination): Promise<readonly Found[]> {
  const { models: compiled, failures } = await compileEach(client, {
    models: declared,
    refreshed,
    searchPath,
  })
  const findings = failures
    .filter(({ definition: model }) => declared.some((it) => it === model))
    .flatMap(({ definition: model, error }) => problemsOf(error).map((it) => refused(model, it)))
  // A model that cannot be compiled is declared still: it is not to be removed.
  const known = models.filter(
    (it) =>
      !isAmong(declared, it) ||
      isAmong(
        compiled.map((one) => one.definition),
        it,
      ),
  )
  return [...findings, ...findChanges(compiled, known).map(finding)]
}

function isAmong(
  all: readonly ModelDefinition[],
  { schema, name }: { readonly schema: string; readonly name: string },
) {
  return all.some((it) => it.schema === schema && it.name === name)
}

function refused(
  model: Pick<ModelDefinition, 'schema' | 'name'>,
  { code, message, hint }: MillraceError,
): Found {
  return {
    severity: 'error',
    object: displayName(model),
    message: `its declaration cannot be compiled against this database (${code}): ${message}${hint === undefined ? '' : `. ${hint}`}`,
    remedy: [runCommand('millrace plan')],
  }
}

const WHAT: Readonly<
  Record<Change['kind'], { readonly severity: Finding['severity']; readonly message: string }>
> = {
  create: { severity: 'error', message: 'it is declared and not installed' },
  finish: { severity: 'error', message: 'its installation was interrupted' },
  replace: { severity: 'error', message: 'it is declared otherwise than it is installed' },
  update: {
    severity: 'warning',
    message:
      'its pace or its readers are declared otherwise, or another version of Millrace wrote its statements',
  },
  renew: { severity: 'error', message: 'it is declared otherwise than it is installed' },
  restore: { severity: 'error', message: 'it is declared as a former version of it is installed' },
  reindex: { severity: 'warning', message: 'its indexes are declared otherwise than they are installed' },
  prune: { severity: 'warning', message: 'a version of it is installed that nobody needs' },
  remove: { severity: 'warning', message: 'it is installed and not declared any more' },
}

function finding(change: Change): Found {
  const object = displayName(isMaking(change) ? change.model.definition : change.installed)
  return { ...WHAT[change.kind], object, remedy: [runCommand('millrace migrate up')] }
}
