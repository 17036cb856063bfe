import { schemaFiles } from '../catalog/schema-files.ts'
import { knownSchemaVersion } from '../catalog/schema-version.ts'
import { withTransaction, type Client } from '../pg/client.ts'

/** Brings Millrace's own schema up to this version, in one transaction. → whether there was an older one */
export async function installSchema(client: Client): Promise<boolean> {
  const version = await knownSchemaVersion(client)
  const statements = await schemaStatements(version)
  if (statements.length === 0) return false
  await withTransaction(client, {}, async () => {
    for (const statement of statements) await client.query(statement)
  })
  return version > 0
}

/** What brings Millrace's own schema from a version (0: there is none) to this program's: numbered files, forward only. */
export async function schemaStatements(installed: number): Promise<readonly string[]> {
  const files = await schemaFiles()
  return files.flatMap((text, i) =>
    i < installed ? [] : [text, `insert into millrace.schema_version (version) values (${String(i + 1)})`],
  )
}

/** Takes Millrace's own schema away when no read model is left. It fails if somebody else has put something into it. */
export const DROP_SCHEMA: readonly string[] = [
  // Where the schema is older than this program they are not there.
  `drop function if exists millrace.wait_for(text, interval, text[]), millrace.has_passed(text, text),
  millrace.waiting_models(text[], text[]), millrace.has_drained(millrace.model, xid8[]), millrace.has_drained(text, xid8[]),
  millrace.contains(millrace.model, millrace.watermark, xid8),
  millrace.transaction_status(xid8), millrace.token_transaction(text), millrace.token(), millrace.freshness(text)`,
  `drop function if exists millrace.set_aside(text, text, text, text, text[], text[], text[]),
  millrace.switch_job(text, boolean), millrace.inherit(text, text), millrace.is_silenced(text, text),
  millrace.wake(text, text, text, text[]), millrace.fill_table(text, text, text[]), millrace.put_back(text, text)`,
  'drop table if exists millrace.taken_over, millrace.object',
  'drop function millrace.cluster(), millrace.page_order(text, text), millrace.page_filter(text, jsonb)',
  `drop function if exists millrace.swap(text[]), millrace.names_of(millrace.model), millrace.attributes_of(oid),
  millrace.views_on(oid[])`,
  'drop table if exists millrace.waiting_object',
  'drop function if exists millrace.verify(bigint), millrace.compare_model(millrace.model, bigint)',
  'drop table if exists millrace.verification',
  'drop function if exists millrace.prune_former(jsonb, text[]), millrace.rows_of(jsonb)',
  'drop table if exists millrace.at_commit',
  'drop sequence if exists millrace.statement_number',
  'drop function if exists millrace.apply_own_changes()',
  'drop table if exists millrace.job_run, millrace.job',
  'drop function if exists millrace.adopt_partitions()',
  `drop function if exists millrace.shape_problem(regclass, text, text, text[]), millrace.column_type(oid, int),
  millrace.column_collation(oid, oid), millrace.release(regclass, text), millrace.is_released(text), millrace.let_owner_release(regclass)`,
  'drop table millrace.model, millrace.watermark, millrace.refresh_log, millrace.schema_version',
  'drop function if exists millrace.facts_of_plan(jsonb), millrace.newest_marks(text[]), millrace.let_ask(regclass)',
  'drop schema millrace',
]

/** What brings the schema of a version to this program's: each file, and the note that it has been run. */
export async function upgradeStatements(version: number): Promise<readonly string[]> {
  const files = await schemaFiles()
  return files.flatMap((text, i) =>
    i < version
      ? []
      : [
          text.trim().replace(/;$/, ''),
          `insert into millrace.schema_version (version) values (${String(i + 1)})`,
        ],
  )
}
