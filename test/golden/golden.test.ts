import { describe, expect, test } from 'vitest'
import { failuresOf, renderFailures } from '../../src/cli/render-error.ts'
import { throwProblems } from '../../src/define/problems.ts'
import { MillraceError, type ErrorCode } from '../../src/errors.ts'
import type { Plan } from '../../src/compile/plan.ts'
import type { Change } from '../../src/migrate/changes.ts'
import { compileDeclared } from '../../src/migrate/compile-declared.ts'
import type { CompiledModel } from '../../src/migrate/compile-model.ts'
import { install, remove } from '../../src/migrate/install.ts'
import { preflight } from '../../src/migrate/preflight.ts'
import { schemaVersion } from '../../src/catalog/schema-version.ts'
import { schemaStatements } from '../../src/migrate/schema.ts'
import { stepsOf, type StepInput } from '../../src/migrate/steps.ts'
import type { Client } from '../../src/pg/client.ts'
import { ident, sql } from '../../src/sql/sql.ts'
import { drainAll } from '../../src/work/drain-all.ts'
import { readModels, type InstalledModel } from '../../src/work/model.ts'
import { compareStored, compareStrict } from '../oracle/compare.ts'
import { listCatalog } from '../support/catalog-listing.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { ROLES } from '../support/roles.ts'
import { readCases, type GoldenCase, type RefusedQuery, type Shape } from './cases.ts'
import { expectCommitted } from './committed-file.ts'
import { describeDrain, describePlan } from './describe-plan.ts'
import { record, type Recording } from './recording.ts'
import { scriptOf } from './script.ts'

const roles = { worker: ROLES.worker, reader: ROLES.reader }

for (const it of readCases()) {
  if (it.kind === 'refused') {
    test(it.name, (context) => inDatabaseOf(it, context.skip, (database) => expectRefused(it, database)))
    continue
  }
  describe(it.name, () => {
    test('is installed and removed by the committed SQL without a trace, and then equals the query, drained after each change', (context) =>
      inDatabaseOf(it, context.skip, async (database) => {
        const plan = await expectReversible(it, database)
        await expectEqual(it, database, plan, 'drain each time')
      }))
    test('equals the query at every moment, with all changes in one drain', (context) =>
      inDatabaseOf(it, context.skip, async (database) => {
        const plan = await installed(it, database)
        await expectEqual(it, database, plan, 'drain at the end')
      }))
  })
}

/** A case that needs a newer server is skipped on this one. */
async function inDatabaseOf(
  { schema, since }: GoldenCase,
  skip: (condition: boolean, note: string) => void,
  run: (database: TestDatabase) => Promise<void>,
): Promise<void> {
  const empty = await createTestDatabase()
  try {
    const application = await empty.connect('application')
    const [server] = await application.query<{ version: number }>(
      `select current_setting('server_version_num')::int / 10000 as version`,
    )
    skip((server?.version ?? 0) < since, `needs PostgreSQL ${String(since)}`)
    await application.query(schema)
    await run(empty)
  } finally {
    await empty.drop()
  }
}

async function compile(owner: Client, { definition, lower }: GoldenCase): Promise<CompiledModel> {
  const { models } = await compileDeclared(owner, { models: [definition, ...lower], refreshed: [], jobs: [] })
  throwProblems(
    await preflight(
      owner,
      models,
      roles,
      (await readInstalled(owner)).map(({ plan }) => plan),
    ),
  )
  const compiled = models.find((it) => it.definition === definition)
  if (compiled === undefined) throw new Error('it is not among what was compiled')
  return compiled
}

async function readInstalled(owner: Client): Promise<readonly InstalledModel[]> {
  return (await schemaVersion(owner)) === 0 ? [] : await readModels(owner)
}

/** The read models that the case reads stand before it comes, and stay when it goes. */
async function installLower(owner: Client, { lower }: GoldenCase): Promise<void> {
  if (lower.length === 0) return
  const { models } = await compileDeclared(owner, { models: lower, refreshed: [], jobs: [] })
  await install(owner, models, { roles })
}

async function installed(it: Shape, database: TestDatabase): Promise<Plan> {
  const owner = await database.connect('owner')
  await installLower(owner, it)
  const compiled = await compile(owner, it)
  await install(owner, [compiled], { roles })
  return compiled.plan
}

/** Leaves it installed. */
async function expectReversible(it: Shape, database: TestDatabase): Promise<Plan> {
  const owner = await database.connect('owner')
  await installLower(owner, it)
  const before = await listCatalog(owner)
  const compiled = await compile(owner, it)
  const lower = await readInstalled(owner)

  const up = record(owner)
  await install(up.client, [compiled], { roles })
  expect(await compareStored(owner, compiled.plan)).toEqual([])
  const installed = await listCatalog(owner)
  expect(installed.length).toBeGreaterThan(before.length)

  const down = record(owner)
  const models = (await readModels(owner)).filter(({ name }) => name === it.definition.name)
  await remove(down.client, models)
  expect(await listCatalog(owner)).toEqual(before)

  const schema = lower.length === 0 ? await schemaStatements(0) : []
  expectAnnounced(up, compiled.plan, {
    changes: [{ kind: 'create', model: compiled }],
    installed: lower,
    schema,
    roles,
  })
  const removals = models.map((installed): Change => ({ kind: 'remove', installed }))
  expectAnnounced(down, compiled.plan, {
    changes: removals,
    installed: [...lower, ...models],
    schema: [],
  })

  const again = record(owner)
  await install(again.client, [compiled], { roles })
  expect(scriptOf(again.statements)).toBe(scriptOf(up.statements))
  expect(await compareStored(owner, compiled.plan)).toEqual([])

  expectCommitted(it.folder, 'analysis.txt', describePlan(compiled.plan))
  expectCommitted(it.folder, 'drain.sql', describeDrain(compiled.plan))
  expectCommitted(it.folder, 'up.sql', scriptOf(up.statements))
  expectCommitted(it.folder, 'down.sql', scriptOf(down.statements))
  return compiled.plan
}

/** What `millrace plan` announces is run, in that order. A backfill needs only the statements for units that there are. */
function expectAnnounced(
  { statements }: Recording,
  { statements: { recompute } }: Plan,
  input: StepInput,
): void {
  const announced = stepsOf(input)
    .flatMap((step) => step.statements)
    .filter((it) => !recompute.some(({ sql }) => sql === it))
  const run = statements.map(({ text }) => text).filter((it) => announced.includes(it))
  expect(run).toEqual(announced)
}

async function expectEqual(
  it: Shape,
  database: TestDatabase,
  plan: Plan,
  when: 'drain at the end' | 'drain each time',
): Promise<void> {
  const owner = await database.connect('owner')
  const worker = await database.connect('worker')
  const writer = await database.connect('writer')
  const models = await readModels(owner)
  const answer = () => owner.query(plan.chain?.query ?? plan.query)
  const atFirst = await answer()
  const drain = async (after: string) => {
    expect(await drainAll(worker, models), after).toMatchObject({ failed: 0 })
    expect(await compareStored(owner, plan), after).toEqual([])
    for (const { check } of plan.leaderboard?.trees ?? []) {
      const wrong = sql`select ${ident(check.schema, check.name)}()::int as entries`
      expect(await owner.query(wrong.text), after).toEqual([{ entries: 0 }])
    }
  }

  for (const change of it.changes) {
    const { rowCount } = await writer.raw.query(change)
    expect(rowCount, `${change} changes no row`).toBeGreaterThan(0)
    expect(await compareStrict(owner, plan), change).toEqual([])
    if (plan.immediate !== null) expect(await compareStored(owner, plan), change).toEqual([])
    if (when === 'drain each time') await drain(change)
  }
  await drain('the last change')
  expect(await compareStrict(owner, plan)).toEqual([])
  expect(await answer(), 'the changes leave the answer as it was').not.toEqual(atFirst)
}

/** Codes of refusals that are not about a place in the query. */
const WITHOUT_PLACE: readonly ErrorCode[] = [
  // The declaration is wrong, not the query.
  'BAD_INDEX',
  'KEY_UNKNOWN',
  // The rows are, under this key.
  'KEY_NOT_UNIQUE',
]

async function expectRefused(it: RefusedQuery, database: TestDatabase): Promise<void> {
  const owner = await database.connect('owner')
  const before = await listCatalog(owner)

  const error = await compile(owner, it).catch((thrown: unknown) => thrown)
  if (!(error instanceof MillraceError)) throw new Error('not refused', { cause: error })
  expect(error.code).toBe(it.code)
  if (WITHOUT_PLACE.includes(error.code)) expect(error.position).toBeUndefined()
  else expectPlace(error, it.definition.query)
  expect(await listCatalog(owner)).toEqual(before)
  expectCommitted(it.folder, 'error.txt', renderFailures(failuresOf(error, it.folder)))
}

function expectPlace({ position, source }: MillraceError, query: string): void {
  expect(source).toBe(query)
  expect(position).toBeGreaterThanOrEqual(0)
  expect(query.slice(position)).toMatch(/^\S/)
}
