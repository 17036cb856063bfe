import type { EventCapture } from '../../compile/capture/capture.ts'
import type { Client } from '../../pg/client.ts'
import { displayName, triggerName } from '../../sql/names.ts'
import { ident, qualified, sql } from '../../sql/sql.ts'
import { CAPTURE_TRIGGERS, SUBSCRIPTIONS } from '../../verify/causes.sql.ts'
import { REPLICA_SETTINGS, UNCAPTURED_PARTITIONS } from '../doctor.sql.ts'
import { runSql, type Examination, type Finding, type Remedy } from '../finding.ts'
import { examinedSources, expectedCapture, rebuildOf, type ExaminedSource } from '../sources.ts'

type Found = Omit<Finding, 'check'>

/** Capture triggers that are missing, disabled, or passed by: then changes are lost to the read models. */
export async function captureTriggers({ client, models }: Examination): Promise<readonly Found[]> {
  const replicas = await client.query<{ role: string }>(REPLICA_SETTINGS)
  const findings: Found[] = []
  for (const source of examinedSources(models)) {
    findings.push(
      ...(await brokenTriggers(client, source)),
      ...(await passedBy(
        client,
        source,
        replicas.map(({ role }) => role),
      )),
      ...(await subscribed(client, source)),
      ...(await uncapturedPartitions(client, source)),
    )
  }
  return findings
}

interface Trigger {
  readonly event: EventCapture['event']
  /** O: in ordinary sessions; A: always; R: in replica sessions only; D: disabled; null: there is none. */
  readonly state: 'O' | 'A' | 'R' | 'D' | null
}

async function triggersOf(client: Client, { relation }: ExaminedSource): Promise<readonly Trigger[]> {
  return await client.query<Trigger>(CAPTURE_TRIGGERS, [relation.schema, relation.name])
}

async function brokenTriggers(client: Client, source: ExaminedSource): Promise<readonly Found[]> {
  const broken = (await triggersOf(client, source)).filter(({ state }) => state !== 'O' && state !== 'A')
  if (broken.length === 0) return []
  const expected = await expectedCapture(client, source)
  return broken.map(({ event, state }): Found => {
    const what = state === null ? 'missing' : state === 'D' ? 'disabled' : 'enabled for replica sessions only'
    return error(source, `the capture trigger for ${event} is ${what}: such changes reach no read model`, [
      ...(state === null ? remake(expected, event) : [enable(source, event, 'enable')]),
      rebuildOf(source.models),
    ])
  })
}

function remake(expected: readonly EventCapture[], event: EventCapture['event']): readonly Remedy[] {
  const capture = expected.find((it) => it.event === event)
  return capture === undefined ? [] : [runSql(capture.createFunction), runSql(capture.createTrigger)]
}

async function passedBy(
  client: Client,
  source: ExaminedSource,
  roles: readonly string[],
): Promise<readonly Found[]> {
  const ordinary = (await triggersOf(client, source)).filter(({ state }) => state === 'O')
  if (roles.length === 0 || ordinary.length === 0) return []
  const message = `session_replication_role = replica is set for ${roles.join(', ')}, and such sessions pass the capture triggers by`
  return [
    error(source, message, [
      ...ordinary.map(({ event }) => enable(source, event, 'enable always')),
      rebuildOf(source.models),
    ]),
  ]
}

async function subscribed(client: Client, source: ExaminedSource): Promise<readonly Found[]> {
  const { schema, name } = source.relation
  const subscriptions = await client.query(SUBSCRIPTIONS, [schema, name])
  if (subscriptions.length === 0) return []
  const message =
    'a subscription writes the table, and that fires no statement triggers: capture its publisher instead'
  return [error(source, message, [rebuildOf(source.models)])]
}

/** The worker captures those that are attached, where the installer's rights reach; these it could not. */
async function uncapturedPartitions(client: Client, source: ExaminedSource): Promise<readonly Found[]> {
  const { schema, name } = source.relation
  const partitions = await client.query<{ partition: string; owner: string }>(UNCAPTURED_PARTITIONS, [
    schema,
    name,
  ])
  return partitions.map(({ partition, owner }) =>
    error(
      source,
      `its partition ${partition} has no capture triggers: what is written to it reaches no read model`,
      [
        runSql(`grant trigger on ${partition} to ${owner}`),
        runSql('select * from millrace.adopt_partitions()'),
      ],
    ),
  )
}

function enable(
  { relation }: ExaminedSource,
  event: Trigger['event'],
  how: 'enable' | 'enable always',
): Remedy {
  const [table, trigger] = [qualified(relation), ident(triggerName(event))]
  return runSql(
    how === 'enable'
      ? sql`alter table ${table} enable trigger ${trigger}`.text
      : sql`alter table ${table} enable always trigger ${trigger}`.text,
  )
}

function error({ relation }: ExaminedSource, message: string, remedy: readonly Remedy[]): Found {
  return { severity: 'error', object: displayName(relation), message, remedy }
}
