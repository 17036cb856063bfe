import { problemsOf } from '../../define/problems.ts'
import type { MillraceError } from '../../errors.ts'
import { visiblePlans } from '../../migrate/lower-models.ts'
import { compileEach } from '../../migrate/compile-declared.ts'
import type { RefreshedDefinition } from '../../migrate/compile-refreshed.ts'
import { changedName, findScheduledChanges, type ScheduledChange } from '../../migrate/scheduled-changes.ts'
import { readScheduled, type Scheduled } from '../../work/schedule/installed.ts'
import { runCommand, type Examination, type Finding } from '../finding.ts'
import { displayName } from '../../sql/names.ts'

type Found = Omit<Finding, 'check'>

/** What is on the schedule in the database otherwise than it is declared, or cannot be compiled any more. */
export async function schedule({
  client,
  declared,
  schedule: { refreshed, jobs },
  searchPath,
}: Examination): Promise<readonly Found[]> {
  const {
    models: kept,
    refreshed: compiled,
    failures,
  } = await compileEach(client, {
    models: declared,
    refreshed,
    searchPath,
  })
  const uncompiled = refreshed.filter((it) => !compiled.some(({ definition }) => definition === it))
  const findings = failures
    .filter(({ definition }) => refreshed.some((it) => it === definition))
    .flatMap(({ definition, error }) => problemsOf(error).map((it) => refused(definition, it)))
  // A model that cannot be compiled is declared still: it is not to be removed.
  const known = (await readScheduled(client)).filter((it) => !isAmong(uncompiled, it))
  const versions = await visiblePlans(client)
  const changes = findScheduledChanges({ refreshed: compiled, jobs, searchPath }, known, versions, kept)
  return [...findings, ...changes.map(finding)]
}

function isAmong(models: readonly RefreshedDefinition[], it: Scheduled): boolean {
  return it.kind === 'refresh' && models.some((model) => displayName(model) === displayName(it.model))
}

function refused(
  model: Pick<RefreshedDefinition, 'schema' | 'name'>,
  { code, message, hint }: MillraceError,
): Found {
  return {
    severity: 'error',
    object: displayName(model),
    message: `its declaration cannot be compiled against this database (${code}): ${message}${hint === undefined ? '' : `. ${hint}`}`,
    remedy: [runCommand('millrace plan')],
  }
}

const WHAT: Readonly<Record<ScheduledChange['kind'], Pick<Found, 'severity' | 'message'>>> = {
  create: { severity: 'error', message: 'it is declared and not installed' },
  finish: { severity: 'error', message: 'its installation was interrupted' },
  renew: { severity: 'error', message: 'what it reads is declared otherwise than it is installed' },
  restore: { severity: 'error', message: 'it is declared as a version before has it' },
  replace: { severity: 'error', message: 'it is declared otherwise than it is installed' },
  update: { severity: 'warning', message: 'its schedule or its statement is declared otherwise' },
  remove: { severity: 'warning', message: 'it is installed and not declared any more' },
}

function finding(change: ScheduledChange): Found {
  return { ...WHAT[change.kind], object: changedName(change), remedy: [runCommand('millrace migrate up')] }
}
