import { dirname, resolve } from 'node:path'
import { MillraceError } from '../errors.ts'
import { loadParser } from '../sql/parse.ts'
import { isSameName, refreshJobName, strictViewName } from '../sql/names.ts'
import { nameProblem } from './check-name.ts'
import { extensionListProblems, lintProblems, settingListProblems } from './check-options.ts'
import { databaseUrlProblem } from './check-database-url.ts'
import { collect } from './collect.ts'
import type { RoleNames } from './config.ts'
import { describe } from './describe.ts'
import { isMigrationFormat, MIGRATION_FORMATS, type MigrationFormat } from './migration-format.ts'
import { isRecord } from './is-record.ts'
import { throwProblems } from './problems.ts'
import { resolveJob, type JobDefinition } from './resolve-job.ts'
import { resolveObject, resolveTouch, type ObjectDefinition, type TouchDefinition } from './resolve-object.ts'
import {
  resolveReadModel,
  type ReadModelDefinition,
  type RefreshedModelDefinition,
} from './resolve-read-model.ts'
import { suggest } from './suggest.ts'

/** A configuration, checked and with every default filled in. */
export interface Config {
  /** The file it was read from. */
  readonly file: string
  readonly database: string | undefined
  readonly directUrl: string | undefined
  /** Where migrations are written: an absolute path. */
  readonly migrations: { readonly format: MigrationFormat; readonly directory: string }
  readonly searchPath: readonly string[] | undefined
  readonly extensions: readonly string[]
  readonly settings: Readonly<Record<string, string>>
  readonly lint: { readonly keep: readonly string[]; readonly ignore: readonly string[] }
  /** Only the roles that were named: without them one role does everything. */
  readonly roles: Partial<RoleNames>
  /** The read models that follow what changes. */
  readonly models: readonly ReadModelDefinition[]
  /** Those that are refreshed on a schedule. */
  readonly refreshed: readonly RefreshedModelDefinition[]
  readonly jobs: readonly JobDefinition[]
  /** Objects of the user's own: functions, views, triggers. */
  readonly objects: readonly ObjectDefinition[]
  /** Columns that say when a row changed, in every table that has one. */
  readonly touches: readonly TouchDefinition[]
}

const ROLES: readonly (keyof RoleNames)[] = ['owner', 'worker', 'reader']

const OPTIONS = [
  'database',
  'directUrl',
  'migrations',
  'searchPath',
  'roles',
  'extensions',
  'settings',
  'lint',
  'define',
]

/** Checks what a configuration file exports, and throws everything that is wrong with it at once. */
export async function resolveConfig(exported: unknown, file: string): Promise<Config> {
  await loadParser()
  if (!isRecord(exported)) {
    throw new MillraceError('BAD_CONFIG', {
      detail: `the default export is ${describe(exported)}`,
      hint: 'Write: export default defineConfig({ define: [models] })',
      file,
    })
  }

  const { declarations, problems } = collect(exported['define'])
  const models = declarations.filter((it) => it.kind === 'readModel').map(resolveReadModel)
  const jobs = declarations.filter((it) => it.kind === 'job').map(resolveJob)
  const objects = declarations.filter((it) => it.kind === 'sqlObject').map(resolveObject)
  const touches = declarations.filter((it) => it.kind === 'touchUpdatedAt').map(resolveTouch)
  const definitions = models.map((it) => it.definition)
  throwProblems([
    ...[...unknownOptions(exported), ...settingsProblems(exported), ...problems].map((it) =>
      inFile(it, file),
    ),
    ...[...models, ...jobs, ...objects, ...touches].flatMap((it) => it.problems),
    ...objectClashes(objects.map((it) => it.definition)),
    ...nameClashes(definitions),
    ...jobClashes(
      definitions.filter(isRefreshed),
      jobs.map((it) => it.definition),
    ),
  ])

  // From here on the types hold: every member was looked at above.
  const options = exported as Partial<Pick<Config, 'database' | 'directUrl' | 'searchPath'>> & {
    readonly migrations?: { readonly format?: MigrationFormat; readonly directory?: string }
    readonly roles?: Partial<RoleNames>
    readonly lint?: Partial<Config['lint']>
    readonly extensions?: readonly string[]
    readonly settings?: Readonly<Record<string, string | number | boolean>>
  }
  const { format = 'sql', directory } = options.migrations ?? {}
  return {
    file,
    database: presentText(options.database),
    directUrl: presentText(options.directUrl),
    migrations: { format, directory: resolve(dirname(file), directory ?? MIGRATION_FORMATS[format]) },
    searchPath: options.searchPath,
    extensions: options.extensions ?? [],
    settings: Object.fromEntries(
      Object.entries(options.settings ?? {}).map(([name, it]) => [name, String(it)]),
    ),
    lint: { keep: options.lint?.keep ?? [], ignore: options.lint?.ignore ?? [] },
    roles: present(options.roles),
    models: definitions.filter(isKept),
    refreshed: definitions.filter(isRefreshed),
    jobs: jobs.map((it) => it.definition),
    objects: objects.map((it) => it.definition),
    touches: touches.map((it) => it.definition),
  }
}

function unknownOptions(options: Readonly<Record<string, unknown>>): readonly MillraceError[] {
  return Object.keys(options)
    .filter((option) => !OPTIONS.includes(option))
    .map((option) => bad(`there is no option "${option}"`, suggest(option, OPTIONS)))
}

function settingsProblems(options: Readonly<Record<string, unknown>>): readonly MillraceError[] {
  return [
    ...urlProblems('database', options['database']),
    ...urlProblems('directUrl', options['directUrl']),
    ...migrationsProblems(options['migrations']),
    ...searchPathProblems(options['searchPath']),
    ...rolesProblems(options['roles']),
    ...lintProblems(options['lint']),
    ...extensionListProblems(options['extensions']),
    ...settingListProblems(options['settings']),
  ]
}

function urlProblems(option: string, url: unknown): readonly MillraceError[] {
  if (url === undefined || url === '') return []
  const problem = databaseUrlProblem(url)
  if (problem === undefined) return []
  const hint = 'Write postgresql://user:password@host:5432/database.'
  return [new MillraceError('BAD_DATABASE_URL', { detail: `"${option}" ${problem}`, hint })]
}

function migrationsProblems(migrations: unknown): readonly MillraceError[] {
  if (migrations === undefined) return []
  const hint = `Write migrations: { format: 'sql', directory: 'migrations' }.`
  if (!isRecord(migrations)) return [bad(`"migrations" is ${describe(migrations)}`, hint)]

  const { format = 'sql', directory = 'migrations' } = migrations
  const problems: MillraceError[] = []
  if (!isMigrationFormat(format)) {
    const known = suggest(String(format), Object.keys(MIGRATION_FORMATS))
    problems.push(bad(`"migrations.format" is ${describe(format)}`, known))
  }
  if (typeof directory !== 'string' || directory === '') {
    problems.push(bad(`"migrations.directory" is ${describe(directory)}`, hint))
  }
  const unknown = Object.keys(migrations).filter((it) => !['format', 'directory'].includes(it))
  return [...problems, ...unknown.map((it) => bad(`there is no option "migrations.${it}"`, hint))]
}

function searchPathProblems(searchPath: unknown): readonly MillraceError[] {
  if (searchPath === undefined) return []
  const hint = `Write the schemas in order: searchPath: ['app', 'public'].`
  if (!Array.isArray(searchPath) || searchPath.length === 0)
    return [bad(`"searchPath" is ${describe(searchPath)}`, hint)]
  return searchPath.flatMap((schema: unknown) => {
    const problem = nameProblem(schema)
    return problem === undefined ? [] : [bad(`an entry of "searchPath" ${problem}`, hint)]
  })
}

function rolesProblems(roles: unknown): readonly MillraceError[] {
  if (roles === undefined) return []
  if (!isRecord(roles))
    return [bad(`"roles" is ${describe(roles)}`, `Write roles: { owner: 'millrace_owner' }.`)]
  return Object.entries(roles).flatMap(([role, name]) => {
    if (!ROLES.some((it) => it === role)) return [bad(`there is no role "${role}"`, suggest(role, ROLES))]
    const problem = name === undefined ? undefined : nameProblem(name)
    return problem === undefined ? [] : [bad(`the role "${role}" ${problem}`, 'Give the name of a role.')]
  })
}

type Named = Pick<ReadModelDefinition, 'schema' | 'name' | 'file'>

function isKept(model: ReadModelDefinition | RefreshedModelDefinition): model is ReadModelDefinition {
  return !isRefreshed(model)
}

function isRefreshed(
  model: ReadModelDefinition | RefreshedModelDefinition,
): model is RefreshedModelDefinition {
  return 'schedule' in model
}

/** Two jobs of one name, or one with the name of that which refreshes a read model. */
function jobClashes(
  refreshed: readonly RefreshedModelDefinition[],
  jobs: readonly JobDefinition[],
): readonly MillraceError[] {
  const owners = new Map<string, string | undefined>(refreshed.map((it) => [refreshJobName(it), it.file]))
  return jobs.flatMap(({ name, file }) => {
    if (!owners.has(name)) {
      owners.set(name, file)
      return []
    }
    const detail = `the job ${name} is declared here, and ${owners.get(name) ?? 'another place'} has one of that name`
    return [
      new MillraceError('NAME_DECLARED_TWICE', { detail, hint: 'Give one of them another name.', file }),
    ]
  })
}

function objectClashes(objects: readonly ObjectDefinition[]): readonly MillraceError[] {
  return objects.flatMap(({ name, file }, i) => {
    const other = objects.slice(0, i).find((it) => it.name === name)
    if (other === undefined) return []
    const detail = `the object ${name} is declared here and in ${other.file ?? 'another place'}`
    const hint = 'Give one of them another name.'
    return [new MillraceError('NAME_DECLARED_TWICE', { detail, hint, file })]
  })
}

/** Two read models of one name, or one with the name of another's strict view. */
function nameClashes(models: readonly Named[]): readonly MillraceError[] {
  const owners = new Map<string, Named>()
  return models.flatMap((model) => {
    const names = [model, strictViewName(model)].map(({ schema, name }) => `${schema}.${name}`)
    const taken = names.find((name) => owners.has(name))
    const other = owners.get(taken ?? '')
    names.forEach((name) => owners.set(name, model))
    if (other === undefined) return []

    const why = isSameName(other, model)
      ? ''
      : ` (a strict read is called like its model with "_strict" at the end)`
    const detail = `${taken ?? ''} is declared here and in ${other.file ?? 'another place'}${why}`
    const hint = 'Give one of them another name or schema.'
    return [new MillraceError('NAME_DECLARED_TWICE', { detail, hint, file: model.file })]
  })
}

function bad(detail: string, hint: string): MillraceError {
  return new MillraceError('BAD_CONFIG', { detail, hint })
}

function inFile({ code, detail, hint, cause }: MillraceError, file: string): MillraceError {
  return new MillraceError(code, { detail, hint, cause, file })
}

/** `database: process.env.X` with an empty variable says nothing. */
function presentText(text: string | undefined): string | undefined {
  return text === '' ? undefined : text
}

function present<T extends object>(options: T | undefined): Partial<T> {
  return Object.fromEntries(
    Object.entries(options ?? {}).filter(([, value]) => value !== undefined),
  ) as Partial<T>
}
