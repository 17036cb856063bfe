import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import * as models from '../models/index.ts'
import { BIN, startMillrace } from '../../../test/support/child.ts'
import { createTestDatabase } from '../../../test/support/database.ts'

// What `npm start` runs, which builds before: that it does is seen in a fresh clone.
test('the demonstration with --json prints one document, with no drift in it', async () => {
  const database = await createTestDatabase()
  const args = ['--seconds', '5', '--json', '--port', '0', '--database', database.url('superuser')]
  const child = spawn(process.execPath, [BIN, 'demo', 'builder-network', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])

  expect([child.exitCode, child.exitCode === 0 ? '' : stdout + stderr]).toEqual([0, ''])
  expect(stderr).toMatch(/the builder network is at http:\/\/127\.0\.0\.1:\d+\/: sign in as \w+, password /)
  expect(stderr).toMatch(/watch it at http:\/\/127\.0\.0\.1:\d+\/watch\//)
  expect(stdout.trimEnd().split('\n')).toHaveLength(1)
  const summary = JSON.parse(stdout) as {
    readonly verified: readonly { readonly model: string; readonly rows: number; readonly drift: number }[]
    readonly writes: Readonly<Record<string, number>>
    readonly unitsRecomputed: number
  }
  expect(summary).toMatchObject({ ok: true, seed: 1, scale: 'small', errors: 0 })
  const declared = Object.values(models).filter(({ kind }) => kind === 'readModel')
  expect(summary.verified.map(({ model, drift }) => [model, drift]).toSorted()).toEqual(
    declared.map(({ name }) => [`public.${name}`, 0]).toSorted(),
  )
  for (const { model, rows } of summary.verified) expect(rows, model).toBeGreaterThan(0)
  expect(summary.writes['vote']).toBeGreaterThan(0)
  expect(summary.unitsRecomputed).toBeGreaterThan(0)
})

test('a database of somebody else is refused with a way out, and left alone', async () => {
  const database = await createTestDatabase('create table users (id int); insert into users values (1)')
  const child = startMillrace(['demo', '--database', database.url('superuser')], { cwd: process.cwd() })
  expect((await child.ended).code).toBe(1)
  expect(child.stderr()).toMatch(/BAD_DATABASE_URL[^]*not of this application[^]*an empty database/)
  const client = await database.connect('application')
  expect(await client.query('select * from users')).toEqual([{ id: 1 }])
})
