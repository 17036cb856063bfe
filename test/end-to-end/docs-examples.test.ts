import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Settings } from '../../src/define/settings.ts'
import { throwProblems } from '../../src/define/problems.ts'
import { MillraceError } from '../../src/errors.ts'
import { compileDeclared } from '../../src/migrate/compile-declared.ts'
import type { CompiledModel } from '../../src/migrate/compile-model.ts'
import { install } from '../../src/migrate/install.ts'
import { preflight } from '../../src/migrate/preflight.ts'
import type { Client } from '../../src/pg/client.ts'
import { drainAll } from '../../src/work/drain-all.ts'
import { readModels } from '../../src/work/model.ts'
import { compareStored, compareStrict } from '../oracle/compare.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { refusalCodes } from '../support/documented-errors.ts'
import { definitionOf, type TestModel } from '../support/models.ts'
import { ROLES } from '../support/roles.ts'

const PAGE = readFileSync(new URL('../../docs/supported-queries.md', import.meta.url), 'utf8')

const roles = { worker: ROLES.worker, reader: ROLES.reader }

interface Example {
  /** After the line on which it stands. */
  readonly name: string
  readonly key: readonly string[]
  /** The code with which the page says that it is refused. */
  readonly refused: string | undefined
  readonly query: string
  readonly order?: 'any'
  readonly settings?: Settings
  readonly dependsOn: NonNullable<TestModel['dependsOn']>
}

const HEAD =
  /^-- (?:refused: (?<code>[A-Z_]+), )?(?:model: (?<name>\w+), )?key: (?<key>.+?)(?<any>, order: any)?(?:, settings: \{ (?<setting>\w+): '(?<value>.+)' \})?$/m

const [schema, ...blocks] = [...PAGE.matchAll(/^```sql\n(?<text>.*?)^```$/gms)].map((block) => ({
  line: PAGE.slice(0, block.index).split('\n').length + 1,
  text: block.groups?.['text'] ?? '',
}))
const examples = blocks.map(exampleOf)
const accepted = examples.filter((it) => it.refused === undefined)
const refused = examples.filter((it) => it.refused !== undefined)

/**
 * The first line tells the key, before it the code of a refusal and the name if another query says it, and options after it;
 * others tell what functions read.
 */
function exampleOf({ line, text }: { readonly line: number; readonly text: string }): Example {
  const head = HEAD.exec(text)?.groups
  if (head?.['key'] === undefined) throw new Error(`line ${String(line)}: an example without a key`)
  const dependsOn = [...text.matchAll(/^-- depends on (?<table>\S+): (?<query>.+)$/gm)].map(({ groups }) => ({
    table: groups?.['table'] ?? '',
    query: groups?.['query'] ?? '',
  }))
  return {
    name: head['name'] ?? `line_${String(line)}`,
    key: head['key'].split(', '),
    refused: head['code'],
    query: text,
    dependsOn,
    ...(head['any'] !== undefined && { order: 'any' as const }),
    ...(head['setting'] !== undefined && { settings: { [head['setting']]: head['value'] } }),
  }
}

/** Changes of every table of the page: each alone, and all of one drain together. */
const CHANGES = [
  `insert into users values (5, 'Eva', null, 4)`,
  `update users set name = 'anna', country = null where id = 1`,
  `update users set active = not active where id in (2, 3)`,
  `insert into projects (id, user_id, title, budget) values (40, 5, 'water wheel', 7.50), (41, 2, 'loom', 2)`,
  `update projects set user_id = 4, deleted = true where id = 11`,
  `update projects set made = made + interval '1 day', score = 2 where id = 20`,
  `insert into votes values (40, 1, true, 4), (30, 5, false, null)`,
  `update votes set up = not up, weight = 9 where user_id = 2`,
  `update votes set project_id = 41 where project_id = 20 and user_id = 4`,
  `insert into comments values (5, 40, 1, 'late', '2026-02-01'), (6, 10, null, null, '2026-01-02')`,
  `update comments set project_id = 11, written = '2026-01-02' where id = 1`,
  `insert into tags values (40, 3), (30, 2)`,
  `update categories set title = 'river' where id = 2`,
  `delete from tags where project_id = 10`,
  `delete from users where id = 2`,
  `delete from votes where up`,
]

async function compile(owner: Client, example: Example): Promise<CompiledModel> {
  const [compiled] = await compileAll(owner, [example])
  if (compiled === undefined) throw new Error('it was not compiled')
  return compiled
}

async function compileAll(owner: Client, all: readonly Example[]): Promise<readonly CompiledModel[]> {
  const { models } = await compileDeclared(owner, { models: all.map(definitionOf), refreshed: [], jobs: [] })
  throwProblems(await preflight(owner, models, roles))
  return models
}

async function pageDatabase(): Promise<TestDatabase> {
  return await createTestDatabase(schema?.text)
}

test('what the page accepts can be kept, all of it at once', async () => {
  const database = await pageDatabase()
  const [owner, worker, writer] = await Promise.all(
    (['owner', 'worker', 'writer'] as const).map((role) => database.connect(role)),
  )
  if (owner === undefined || worker === undefined || writer === undefined) throw new Error('not connected')

  const compiled = await compileAll(owner, accepted)
  await install(owner, compiled, { roles })
  for (const { plan } of compiled) expect(await compareStored(owner, plan), plan.model.name).toEqual([])

  for (const change of CHANGES) {
    const { rowCount } = await writer.raw.query(change)
    expect(rowCount, `${change} changes no row`).toBeGreaterThan(0)
    for (const { plan } of compiled)
      expect(await compareStrict(owner, plan), `${plan.model.name}: ${change}`).toEqual([])
  }
  expect(await drainAll(worker, await readModels(owner))).toMatchObject({ failed: 0 })
  for (const { plan } of compiled) expect(await compareStored(owner, plan), plan.model.name).toEqual([])
})

describe('what the page refuses', () => {
  let owner: Client
  beforeAll(async () => {
    owner = await (await pageDatabase()).connect('owner')
  })

  test.each(refused)('$name: $refused', async (example) => {
    const error = await compile(owner, example).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(MillraceError)
    expect(error).toMatchObject({ code: example.refused })
  })
})

/** Refusals that the page has no example of, and why. */
const WITHOUT_EXAMPLE: Readonly<Record<string, string>> = {
  QUERY_INVALID: 'PostgreSQL explains its own errors',
  QUERY_NOT_ONE_SELECT: 'it is not about a shape of query',
  BAD_INDEX: 'it is about the declaration',
  SOURCE_COLUMN_NOT_CAPTURED: 'the table for it needs PostgreSQL 18; the page tells of it in words',
  UNSUPPORTED_JSON_AGGREGATE: 'it needs PostgreSQL 16; the page tells of it in words',
  UNSUPPORTED_SET_OPERATION: 'it takes 65 branches; the page tells of it in words',
  KEY_FROM_OUTER_JOIN: 'it takes six joins; the page tells of it in words',
  QUERY_WRITES: 'it is about what is refreshed on a schedule',
  SOURCE_TEMPORARY: 'it is about what is refreshed on a schedule',
  IMMEDIATE_NOT_POSSIBLE: 'it is about the freshness',
}

test('the page has an example of every refusal', () => {
  const shown = refused.map((it) => it.refused ?? '')
  expect(new Set([...shown, ...Object.keys(WITHOUT_EXAMPLE)])).toEqual(new Set(refusalCodes()))
  for (const code of Object.keys(WITHOUT_EXAMPLE).filter((it) => /^(SOURCE|UNSUPPORTED|KEY)_/.test(it)))
    expect(PAGE).toContain(code)
})
