import { expect, test } from 'vitest'
import {
  as,
  expectExact,
  look,
  patient,
  QUERY,
  TALLY,
  usePatients,
  configOf,
} from '../../test/support/patient.ts'
import { writeProjectFile } from '../../test/support/command-line.ts'

usePatients()

test.each([
  [
    'alter table projects rename column title to headline',
    'the column title is called headline now',
    'headline',
  ],
  ['alter table projects rename to works', 'the table is called public.works now', 'works'],
])('source-shape: %s', async (statement, message, name) => {
  await as('application', (client) => client.query(statement))
  await as('writer', (client) => client.query('delete from votes where user_id = 1'))
  expect(await look('source-shape')).toMatchObject([
    { severity: 'error', object: TALLY, message: expect.stringContaining(message) as string },
  ])
  // What asks for sources by their names leaves the model out instead of failing.
  for (const check of ['row-security', 'indexes', 'capture-triggers', 'lag'])
    expect([check, await look(check)]).toEqual([check, []])

  const query =
    name === 'works'
      ? QUERY.replace('projects p', 'works p')
      : QUERY.replace('p.title', 'p.headline as title')
  await writeProjectFile(patient.folder, 'millrace.config.ts', configOf(query))
  await patient.run('millrace migrate up')
  await expectExact()
  expect(await look('source-shape')).toEqual([])
})

test('source-shape: the strict read was given up, and nothing else has changed', async () => {
  await as('application', (client) => client.query(`select millrace.release('projects', 'title')`))
  await expect(as('owner', (client) => client.query('select * from tally_strict'))).rejects.toThrow(
    'the strict read of public.tally was given up',
  )
  expect(await look('source-shape')).toMatchObject([
    { object: TALLY, message: expect.stringContaining('given up') as string },
  ])
  await patient.run('millrace migrate up')
  await as('owner', (client) => client.query('select * from tally_strict'))
  expect(await look('source-shape')).toEqual([])
})

test('source-shape: a column that is dropped takes the strict read with it, and readers notice nothing', async () => {
  await as('application', (client) => client.query('alter table projects drop column title cascade'))
  await as('writer', (client) => client.query('update projects set parts = 2'))
  const messages = (await look('source-shape')).map(({ message }) => message)
  expect(messages).toEqual([
    expect.stringContaining('the column title is gone'),
    expect.stringContaining('given up'),
  ])
  expect(await as('reader', (client) => client.query('select title from tally where id = 1'))).toEqual([
    { title: 'project 1' },
  ])
  await writeProjectFile(patient.folder, 'millrace.config.ts', configOf(QUERY.replace('p.title,', '')))
  await patient.run('millrace migrate up')
  await expectExact()
})
