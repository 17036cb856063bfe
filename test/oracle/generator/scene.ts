import { ident } from '../../../src/sql/sql.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'
import { ROLES } from '../../support/roles.ts'
import type { Random } from '../random.ts'
import type { NamedBlock } from './drawing.ts'
import { drawView } from './query.ts'
import { drawSchema, ODD_SCHEMA, type Schema } from './schema.ts'
import { fill } from './writer.ts'

/** A database to try queries in, as statements: those of the tables' owner, and those of a writer. */
export interface Scene {
  readonly definitions: readonly string[]
  readonly rows: readonly string[]
}

export interface DrawnScene extends Scene {
  readonly schema: Schema
  readonly views: readonly NamedBlock[]
}

const VIEWS = 3

/** A schema with rows and views; views may read views. */
export function drawScene(random: Random): DrawnScene {
  const schema = drawSchema(random)
  const views: NamedBlock[] = []
  for (let i = 0; i < VIEWS; i += 1) views.push(drawView(random, schema, views, `View ${String(i)}`))
  const definitions = [
    ...schema.statements,
    ...views.map(({ name, block }) => `create view ${name} as\n${block.text}`),
  ]
  return { schema, views, definitions, rows: fill(random, schema) }
}

export interface Stage {
  readonly database: TestDatabase
  /** Definitions that the server did not take: views as a rule, and then the queries that read them. */
  readonly rejected: readonly string[]
}

/** Makes a database of its own; the caller drops it. */
export async function setUp(scene: Scene): Promise<Stage> {
  const database = await createTestDatabase()
  const superuser = await database.connect('superuser')
  for (const statement of oddSchema()) await superuser.query(statement)
  await superuser.query(
    `alter role ${ROLES.writer} in database ${database.name} set deadlock_timeout = '30ms'`,
  )
  await superuser.query(
    `alter role ${ROLES.owner} in database ${database.name} set statement_timeout = '60s'`,
  )

  const application = await database.connect('application')
  const rejected: string[] = []
  for (const definition of scene.definitions) {
    await application
      .query(definition)
      .catch((error: unknown) => rejected.push(`${String(error)}\n${definition}`))
  }
  const writer = await database.connect('writer')
  for (const statement of scene.rows) await writer.query(statement).catch(() => undefined)
  await superuser.query('analyze')
  return { database, rejected }
}

function oddSchema(): readonly string[] {
  const { application, writer, owner, worker } = ROLES
  const name = ident(ODD_SCHEMA).text
  const all = `alter default privileges for role ${application} in schema ${name} grant`
  return [
    `create schema ${name} authorization ${application}`,
    `grant usage on schema ${name} to ${writer}, ${owner}, ${worker}`,
    `${all} select, trigger on tables to ${owner}`,
    `${all} select on tables to ${worker}`,
    `${all} select, insert, update, delete, truncate on tables to ${writer}`,
  ]
}
