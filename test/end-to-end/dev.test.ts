import { expect, test } from 'vitest'
import { requireDevelopment } from '../../src/cli/require-development.ts'
import { millrace, projectFolder, writeProjectFile } from '../support/command-line.ts'
import { createTestDatabase } from '../support/database.ts'

const configOf = (language: string) => `
import { defineConfig } from 'millrace'
import { feed } from './models/feed.${language}'
export default defineConfig({ define: [feed] })`
const CONFIG = configOf('ts')

const modelOf = (columns: string) => `
import { readModel, sql } from 'millrace'
export const feed = readModel('feed', {
  key: 'id',
  freshness: 'eventual',
  query: sql\`
    select ${columns}
    from posts p\`,
})`

interface Line {
  readonly event: string
  readonly changes?: readonly { readonly kind: string; readonly model: string }[]
  readonly errors?: readonly { readonly code: string; readonly sql: { readonly text: string } | null }[]
}

/** What is done at each event, in order; each names the event that it waits for. */
type Script = readonly (readonly [event: string, act: () => Promise<void>])[]

const TITLE =
  'changes of declarations (%s) are applied, refusals are told and change nothing, and the worker keeps up'

// Node keeps ES modules in JavaScript for ever, and runs no TypeScript.
test.each(['ts', 'js'])(TITLE, async (language) => {
  const database = await createTestDatabase('create table posts (id int primary key, title text not null)')
  const owner = await database.connect('superuser')
  const folder = await projectFolder({
    'package.json': '{ "type": "module" }',
    [`millrace.config.${language}`]: configOf(language),
    [`models/feed.${language}`]: modelOf('p.id'),
  })
  const write = (columns: string) => writeProjectFile(folder, `models/feed.${language}`, modelOf(columns))
  const script: Script = [
    ['watching', () => Promise.resolve()],
    ['applied', () => write('p.id, p.titel')],
    ['refused', () => write('p.id, p.title')],
    ['applied', () => owner.query(`insert into posts values (1, 'lantern')`).then(() => undefined)],
  ]

  const lines: Line[] = []
  let interrupt = () => undefined as unknown
  let failed: unknown
  const onLine = async (line: Line): Promise<void> => {
    const [event, act] = script[lines.length] ?? ['nothing more', () => Promise.resolve()]
    lines.push(line)
    if (line.event !== event) throw new Error(`${event} was to come, and ${JSON.stringify(line)} came`)
    await act()
    if (lines.length < script.length) return
    for (;;) {
      const rows = await owner.query('select * from feed')
      if (rows.length > 0) break
    }
    interrupt()
  }
  const outcome = await millrace(['dev', '--json'], {
    cwd: folder,
    env: { DATABASE_URL: database.url('superuser') },
    onStart: (stop) => {
      interrupt = stop
    },
    onResult: (text) => {
      const line = JSON.parse(text) as Line
      if (line.event === 'worked') return
      onLine(line).catch((error: unknown) => {
        failed = error
        interrupt()
      })
    },
  })
  expect(failed).toBeUndefined()
  expect(outcome).toMatchObject({ code: 0 })
  expect(lines).toMatchObject([
    { event: 'watching', folder },
    { changes: [{ kind: 'create', model: 'public.feed' }] },
    { errors: [{ code: 'QUERY_INVALID', file: `models/feed.${language}`, line: 7, sql: { column: 18 } }] },
    { changes: [{ kind: 'replace', model: 'public.feed' }] },
  ])
  expect(await owner.query('select * from feed')).toEqual([{ id: 1, title: 'lantern' }])
  expect(await owner.query('select state from millrace.model')).toEqual([{ state: 'ready' }])
})

test('without --json it tells the same in words, with the caret under the SQL', async () => {
  const database = await createTestDatabase('create table posts (id int primary key, title text not null)')
  const folder = await projectFolder({
    'millrace.config.ts': CONFIG,
    'models/feed.ts': modelOf('p.id, p.titel'),
  })
  const { code, stderr } = await millrace(['dev'], {
    cwd: folder,
    env: { DATABASE_URL: database.url('superuser') },
    onLog: (line, interrupt) => {
      if (line.includes('hint:')) interrupt()
    },
  })
  expect(code).toBe(0)
  expect(stderr).toMatch(/^watching \S+, at work on postgres:\/\/\S+$/m)
  expect(stderr).toMatch(/ {4}select p\.id, p\.titel\n +\| +\^\n {2}hint: Perhaps/)
})

test('a database that looks like one of production is left alone', async () => {
  const outcomes = [
    'postgresql://app:secret@localhost:5432/app',
    'postgresql://app@127.0.0.1/app',
    'postgresql://app@[::1]:5432/app',
    'postgresql://app@db:5432/app',
    'postgresql://app@192.168.7.4/app',
    'postgresql:///app?host=/var/run/postgresql',
    'postgresql://app:secret@db.example.com/app',
    'postgresql://app@ep-cool-1.eu-central-1.aws.neon.tech/app',
    'postgresql://app@34.90.1.2/app',
  ].map((url) => {
    try {
      requireDevelopment(url, {})
      return 'near'
    } catch (error) {
      expect(error).toMatchObject({ code: 'NOT_DEVELOPMENT' })
      expect(String(error)).not.toContain('secret')
      return 'far'
    }
  })
  expect(outcomes).toEqual(['near', 'near', 'near', 'near', 'near', 'near', 'far', 'far', 'far'])

  const folder = await projectFolder({ 'millrace.config.ts': CONFIG, 'models/feed.ts': modelOf('p.id') })
  const env = { DATABASE_URL: 'postgresql://app@localhost:1/app', NODE_ENV: 'production' }
  const refused = await millrace(['dev'], { cwd: folder, env })
  expect(refused).toMatchObject({ code: 1 })
  expect(refused.stderr).toContain('(NOT_DEVELOPMENT)')
})
