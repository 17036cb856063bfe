import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import type { Failure } from '../../src/cli/render-error.ts'
import { withConnection, type Client } from '../../src/pg/client.ts'
import { documentOf, millrace, projectFolder, type Outcome } from '../support/command-line.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { BAD_INPUTS, configOf, GOOD_QUERY, type BadInput } from './bad-input-cases.ts'
import { databaseState, listFiles } from './database-state.ts'

const CONFIG = 'millrace.config.ts'
const SCHEMA = `
  create table projects (id int primary key, user_id int not null, title text not null, weight float8);
  create table votes (user_id int, project_id int references projects, primary key (user_id, project_id));
  create index on votes (project_id);
  create unlogged table scratch (id int primary key);
  insert into projects select i, i % 3, 'project ' || i, i from generate_series(1, 9) as i;
  insert into votes select 1, i from generate_series(1, 5) as i;`

let database: TestDatabase
let folder: string
let onlooker: Client

beforeAll(async () => {
  database = await createTestDatabase(SCHEMA)
  onlooker = await database.connect('superuser')
  folder = await projectFolder({ [CONFIG]: configOf(GOOD_QUERY) })
  const env = { DATABASE_URL: database.url('owner') }
  expect(await millrace(['migrate', 'up'], { cwd: folder, env })).toMatchObject({ code: 0 })
  // Changes that wait: a command that fails must not have drained them either.
  await withConnection({ url: database.url('writer') }, (client) =>
    client.query('insert into votes values (2, 9)'),
  )
})

test('there are enough of them, and no two have one name', () => {
  expect(BAD_INPUTS.length).toBeGreaterThanOrEqual(40)
  expect(new Set(BAD_INPUTS.map(({ name }) => name)).size).toBe(BAD_INPUTS.length)
})

test.each(BAD_INPUTS.map((it) => [it.code, it.name, it] as const))('%s: %s', async (code, _, input) => {
  await writeFile(join(folder, CONFIG), input.config ?? configOf(GOOD_QUERY))
  const before = await state()
  const outcome = await run(input, withJson(input.args))

  expect(outcome).toMatchObject({ code: 1, stderr: '' })
  const [first] = (documentOf(outcome) as { readonly errors: readonly Failure[] }).errors
  expect(first).toMatchObject({ code })
  expect(first?.hint ?? '').not.toBe('')
  expect(first?.detail ?? '').toContain(input.names)
  expectPlace(first, input)
  expect(outcome.stdout).not.toContain('secret-and-wrong')
  expect(await state()).toEqual(before)
})

/** The text is made of the same parts, so a few are enough. */
test.each(['an unknown column', 'a wrong password', 'an unknown command', 'no key'])(
  'in words: %s',
  async (name) => {
    const input = BAD_INPUTS.find((it) => it.name === name)
    if (input === undefined) throw new Error(`no case "${name}"`)
    await writeFile(join(folder, CONFIG), input.config ?? configOf(GOOD_QUERY))
    const { code, stdout, stderr } = await run(input, input.args)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/^error: .+ \([A-Z_]+\)\n/)
    expect(stderr).toContain(`(${input.code})`)
    expect(stderr).toContain(input.names)
    expect(stderr).toContain('  hint: ')
    expect(stderr).not.toContain('secret-and-wrong')
    if (input.line !== undefined) expect(stderr).toContain(`  at ${CONFIG}:${String(input.line)}\n`)
  },
)

/** Before an option that waits for its value, which --json would be taken for. */
function withJson(args: readonly string[]): readonly string[] {
  return args.at(-1) === '--config' ? [...args.slice(0, -1), '--json', '--config'] : [...args, '--json']
}

function expectPlace(failure: Failure | undefined, { config, line, caret }: BadInput): void {
  if (line === undefined) return
  expect(failure).toMatchObject({ file: CONFIG, line })
  if (caret === undefined) return
  const { text = '', column = 0 } = failure?.sql ?? {}
  expect(text.slice(column - 1, column - 1 + caret.length)).toBe(caret)
  expect(config).toContain(text)
}

async function run({ env = {}, url }: BadInput, args: readonly string[]): Promise<Outcome> {
  const given = url === null ? undefined : urlFor(url)
  return await millrace(args, {
    cwd: folder,
    env: { ...env, ...(given !== undefined && { DATABASE_URL: given }) },
  })
}

function urlFor(url: Exclude<BadInput['url'], null>): string {
  const good = database.url('owner')
  if (typeof url === 'function') return url(new URL(good))
  if (url === 'stranger') return database.url('writer')
  return url === undefined ? good : database.url(url)
}

async function state() {
  return { database: await databaseState(onlooker), files: await listFiles(folder) }
}
