import { withTransaction, type Client } from '../../pg/client.ts'
import { APPLIED, DROP_LEDGER, FORGET, HAS_LEDGER, MAKE_LEDGER, RECORD } from './ledger.sql.ts'

export interface AppliedMigration {
  readonly name: string
  readonly checksum: string
  readonly appliedAt: Date
  readonly durationMs: number
  readonly programVersion: string
}

/** The migrations that `millrace migrate` has run in this database, oldest first. */
export async function readLedger(client: Client): Promise<readonly AppliedMigration[]> {
  const [found] = await client.query<{ exists: boolean }>(HAS_LEDGER)
  return found?.exists === true ? await client.query<AppliedMigration & object>(APPLIED) : []
}

export async function makeLedger(client: Client): Promise<void> {
  const [found] = await client.query<{ exists: boolean }>(HAS_LEDGER)
  if (found?.exists !== true) await runAll(client, MAKE_LEDGER)
}

/** Notes migrations as run, all of them or none: what they make is there. */
export async function recordAll(
  client: Client,
  migrations: readonly Pick<AppliedMigration, 'name' | 'checksum'>[],
  programVersion: string,
): Promise<void> {
  if (migrations.length === 0) return
  await makeLedger(client)
  await withTransaction(client, {}, async () => {
    for (const { name, checksum } of migrations)
      await client.query(RECORD, [name, checksum, 0, programVersion])
  })
}

/** Where nothing is in it any more. */
export async function dropEmptyLedger(client: Client): Promise<void> {
  const [found] = await client.query<{ exists: boolean }>(HAS_LEDGER)
  if (found?.exists === true && (await readLedger(client)).length === 0) await runAll(client, DROP_LEDGER)
}

/** What these migrations have made was taken away by other means: they are to be run again where it is wanted again. */
export async function forgetMigrations(client: Client, names: readonly string[]): Promise<void> {
  for (const { name } of await readLedger(client)) {
    if (names.includes(name)) await client.query(FORGET, [name])
  }
  await dropEmptyLedger(client)
}

async function runAll(client: Client, statements: readonly string[]): Promise<void> {
  await withTransaction(client, {}, async () => {
    for (const statement of statements) await client.query(statement)
  })
}
