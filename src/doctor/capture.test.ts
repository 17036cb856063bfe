import { expect, test } from 'vitest'
import {
  as,
  expectExact,
  expectMended,
  look,
  patient,
  PROJECTS,
  usePatients,
} from '../../test/support/patient.ts'
import { ROLES } from '../../test/support/roles.ts'
import { ident } from '../sql/sql.ts'

usePatients()

test.each(['insert', 'update', 'delete', 'truncate'])(
  'capture-triggers: the trigger for %s is missing',
  async (event) => {
    await as('application', (client) =>
      client.query(`drop trigger ${ident(`!millrace_${event}`).text} on projects`),
    )
    await as('writer', (client) =>
      client.query(
        `insert into projects values (50, 'a'); update projects set title = 'b'; delete from projects where id = 7`,
      ),
    )
    await expectMended('capture-triggers', [
      {
        severity: 'error',
        object: PROJECTS,
        message: expect.stringContaining(`for ${event} is missing`) as string,
      },
    ])
    await as('writer', (client) => client.query('truncate projects cascade'))
    await expectExact()
  },
)

test.each([
  ['disable', 'disabled'],
  ['enable replica', 'enabled for replica sessions only'],
])('capture-triggers: %s', async (how, message) => {
  await as('application', (client) => client.query(`alter table projects ${how} trigger "!millrace_update"`))
  await as('writer', (client) => client.query(`update projects set title = 'not captured'`))
  await expectMended('capture-triggers', [
    { severity: 'error', object: PROJECTS, message: expect.stringContaining(message) as string },
  ])
  await expectExact()
})

test('capture-triggers: a role whose sessions pass them by', async () => {
  const { name } = patient.database
  await as('superuser', (client) =>
    client.query(`alter role ${ROLES.writer} in database ${name} set session_replication_role = replica`),
  )
  await as('writer', (client) => client.query(`update projects set title = 'not captured'`))
  await expectMended('capture-triggers', [
    { severity: 'error', object: PROJECTS, message: expect.stringContaining(ROLES.writer) as string },
    { severity: 'error', object: 'public.votes' },
  ])
  await as('writer', (client) => client.query(`update projects set title = 'captured'`))
  await expectExact()
})

test('capture-triggers: a subscription writes the table', async () => {
  await as('superuser', (client) =>
    client.query(
      `insert into pg_subscription_rel (srsubid, srrelid, srsubstate) values (4711, 'projects'::regclass, 'r')`,
    ),
  )
  expect(await look('capture-triggers')).toMatchObject([{ severity: 'error', object: PROJECTS }])
  await as('superuser', (client) => client.query('delete from pg_subscription_rel'))
  expect(await look('capture-triggers')).toEqual([])
})

test.each([
  `create or replace function millrace.capture_projects_update() returns trigger language plpgsql security definer
   set search_path = pg_catalog, pg_temp as 'begin return null; end'`,
  'alter function millrace.capture_projects_update() security invoker',
  'alter function millrace.capture_projects_update() reset search_path',
])('capture-functions: %s', async (statement) => {
  await as('owner', (client) => client.query(statement))
  await as('application', (client) => client.query(`update projects set title = 'changed'`)).catch(
    () => undefined,
  )
  await expectMended('capture-functions', [{ severity: 'error', object: PROJECTS }])
  await as('writer', (client) => client.query(`update projects set title = 'changed again'`))
  await expectExact()
})
