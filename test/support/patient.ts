import { beforeEach, expect } from 'vitest'
import { millrace, projectFolder } from './command-line.ts'
import { createTestDatabase, type TestDatabase } from './database.ts'
import { ROLES } from './roles.ts'
import { loadConfig } from '../../src/define/load-config.ts'
import * as publicModule from '../../src/index.ts'
import { withConnection, type Client } from '../../src/pg/client.ts'
import { readModels } from '../../src/work/model.ts'
import { CHECKS, examine, LIMITS } from '../../src/doctor/doctor.ts'
import type { Finding, Limits } from '../../src/doctor/finding.ts'

const SCHEMA = `
  create table projects (id int primary key, title text not null, parts int not null default 1);
  create table votes (user_id int, project_id int references projects on delete cascade, up boolean not null,
                      primary key (user_id, project_id));
  create index votes_of_project on votes (project_id);
  insert into projects select i, 'project ' || i from generate_series(1, 20) as i;
  insert into votes select u, i, true from generate_series(1, 3) as u, generate_series(1, 20) as i;`

export const QUERY = `
    select p.id, p.title, 12 / p.parts as share,
           (select count(*) from votes v where v.project_id = p.id and v.up) as ups
    from projects p`

export const configOf = (query: string) => `
import { defineConfig, readModel, sql } from 'millrace'
export default defineConfig({
  roles: { worker: '${ROLES.worker}', reader: '${ROLES.reader}' },
  define: [readModel('tally', { key: 'id', freshness: 'eventual', query: sql\`${query}\` })],
})`

/** A read model installed by the command line, and what is needed to look at it. */
export interface Patient {
  readonly database: TestDatabase
  readonly folder: string
  /** Runs a command, which must succeed. */
  run(command: string): Promise<void>
}

/** The one of the test that runs. */
export let patient: Patient

/** Makes a healthy one before each test of the file. */
export function usePatients(): void {
  beforeEach(async () => {
    const database = await createTestDatabase(SCHEMA)
    const folder = await projectFolder({ 'millrace.config.ts': configOf(QUERY) })
    patient = patientIn(database, folder)
    await patient.run('millrace migrate up')
  })
}

/** From here on the patient is in another database. */
export function moveTo(database: TestDatabase): void {
  patient = patientIn(database, patient.folder)
}

function patientIn(database: TestDatabase, folder: string): Patient {
  return {
    database,
    folder,
    run: async (command) => {
      const env = { DATABASE_URL: database.url('owner') }
      const outcome = await millrace(command.split(' ').slice(1), {
        cwd: folder,
        env,
        onLog: (line, interrupt) => {
          if (command === 'millrace work' && line.startsWith('working on')) interrupt()
        },
      })
      expect(outcome, command).toMatchObject({ code: 0 })
    },
  }
}

interface LookOptions {
  readonly limits?: Partial<Limits>
  readonly as?: 'superuser' | 'owner'
}

/** What one check finds; by default with no patience and no tolerance. */
export async function look(
  check: string,
  { limits, as = 'superuser' }: LookOptions = {},
): Promise<readonly Finding[]> {
  const { models, refreshed, jobs, searchPath } = await loadConfig({
    cwd: patient.folder,
    millrace: publicModule,
  })
  return await withConnection({ url: patient.database.url(as) }, async (client) =>
    examine(
      {
        client,
        models: await readModels(client),
        declared: models,
        schedule: { refreshed, jobs },
        searchPath,
        workerRole: ROLES.worker,
        limits: { ...LIMITS, maxLagMs: 0, maxHoldMs: 0, patienceMs: 0, ...limits },
      },
      { [check]: CHECKS[check] ?? (() => Promise.reject(new Error(`no check ${check}`))) },
    ),
  )
}

/** Does what the findings say, as an administrator would. */
export async function mend(findings: readonly Finding[]): Promise<void> {
  const steps = findings.flatMap(({ remedy }) => remedy)
  expect(steps.length).toBeGreaterThan(0)
  for (const step of steps) {
    if (step.kind === 'command') await patient.run(step.command)
    else await as('superuser', (client) => client.query(step.sql))
  }
}

export async function as<T>(
  role: Parameters<TestDatabase['url']>[0],
  use: (client: Client) => Promise<T>,
): Promise<T> {
  return await withConnection({ url: patient.database.url(role) }, use)
}

/** Looks, checks what was found, does what it says, and looks again. */
export async function expectMended(
  check: string,
  expected: readonly object[],
  options: LookOptions = {},
): Promise<void> {
  const findings = await look(check, options)
  expect(findings).toMatchObject(expected.map((it) => ({ check, ...it })))
  expect(findings).toHaveLength(expected.length)
  await mend(findings)
  expect(await look(check, options)).toEqual([])
}

export async function expectExact(): Promise<void> {
  await patient.run('millrace drain')
  await patient.run('millrace verify')
}

export const TALLY = 'public.tally'
export const PROJECTS = 'public.projects'
