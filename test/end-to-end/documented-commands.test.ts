import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { newProgram } from '../../src/cli/program.ts'
import type { Connection } from '../../src/pg/client.ts'
import { expectCommitted } from '../golden/committed-file.ts'
import { millrace, projectFolder } from '../support/command-line.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'

const DOCS = new URL('../../docs/', import.meta.url).pathname
const PAGES = ['cli.md', 'migrations.md']

/** A command of the page, with what is printed below it. */
const EXAMPLE = /^```sh\n(?<command>millrace [^\n]*)\n```\n(?:\n```text\n.*?^```\n)?/gms
/** What comes after it is an example of something that another test does. */
const SHOWN = '<!-- from here on: shown, not run -->'
/** Either a command or a statement, in the order of the page. */
const STEP = /^```(?<kind>sh|sql)\n(?<text>.*?)^```$/gms
/** SQL that a command is to read. */
const IS_FILE = /^-- \S+\.sql\n/

test.each(PAGES)('each example of %s prints what the page says', async (name) => {
  const text = readFileSync(DOCS + name, 'utf8')
  const [done = '', ...shown] = text.split(SHOWN)
  const world = await makeWorld(text)
  const printed: string[] = []
  for (const { groups } of done.matchAll(STEP)) {
    const step = groups?.['text'] ?? ''
    if (IS_FILE.test(step)) continue
    if (groups?.['kind'] === 'sql') await world.administrator.query(step)
    else printed.push(await outputOf(step.trim(), world))
  }
  expect(printed.length).toBeGreaterThan(4)

  const outputs = printed.values()
  const page = done.replaceAll(EXAMPLE, (_, command: string) => {
    return `\`\`\`sh\n${command}\n\`\`\`\n\n\`\`\`text\n${String(outputs.next().value)}\`\`\`\n`
  })
  expectCommitted(DOCS, name, [page, ...shown].join(SHOWN))
})

interface World {
  readonly database: TestDatabase
  readonly folder: string
  readonly administrator: Connection
}

async function makeWorld(page: string): Promise<World> {
  const files = [...page.matchAll(/^```(?:ts\n\/\/|sql\n--) (?<name>\S+\.\w+)\n(?<text>.*?)^```$/gms)].map(
    ({ groups }) => [groups?.['name'] ?? '', groups?.['text'] ?? ''] as const,
  )
  const folder = await projectFolder(Object.fromEntries(files))
  const database = await createTestDatabase()
  return { folder, database, administrator: await database.connect('superuser') }
}

/** When a migration was generated. */
const TIMES = /\b\d{14}_/g

/** What a terminal would show, and the exit code if it is not 0. */
async function outputOf(command: string, { folder, database }: World): Promise<string> {
  const [words = '', comment] = command.split(' # ')
  const args = [...words.matchAll(/'(?<quoted>[^']*)'|\S+/g)].map((it) => it.groups?.['quoted'] ?? it[0])
  const { code, stdout, stderr } = await millrace(args.slice(1), {
    cwd: folder,
    env: { DATABASE_URL: database.url('superuser') },
    onLog: (line, interrupt) => {
      if (comment?.includes('Ctrl-C') === true && line.startsWith('working on')) interrupt()
    },
  })
  const shown = [stderr, stdout]
    .filter((it) => it !== '')
    .join('')
    .replaceAll(TIMES, '20261121201254_')
  return code === 0 ? shown : `${shown}exit code ${String(code)}\n`
}

test('every command has a section, and its options are told there', () => {
  const page = readFileSync(`${DOCS}cli.md`, 'utf8')
  const stream = { write: () => undefined }
  const program = newProgram({ stdout: stream, run: () => () => Promise.resolve() })
  const commands = program.commands.flatMap((it) =>
    it.commands.length === 0 ? [it] : it.commands.map((inner) => inner),
  )
  expect(commands.length).toBeGreaterThanOrEqual(11)
  for (const command of commands) {
    const parent = command.parent === program ? '' : `${command.parent?.name() ?? ''} `
    const title = `## millrace ${parent}${command.name()}\n`
    expect(page).toContain(title)
    const section = page.slice(page.indexOf(title)).split(/^## /m)[1] ?? ''
    const own = command.options.filter(({ long }) => long !== '--json' && long !== '--config')
    for (const { long } of own) expect(section, title).toContain(long)
  }
})
