import { readFileSync } from 'node:fs'
import { beforeAll, expect, test } from 'vitest'
import { newProgram } from '../../src/cli/program.ts'
import type { Connection } from '../../src/pg/client.ts'
import { expectCommitted } from '../golden/committed-file.ts'
import { millrace, projectFolder } from '../support/command-line.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'

const DOCS = new URL('../../docs/', import.meta.url).pathname
const PAGE = readFileSync(`${DOCS}cli.md`, 'utf8')

/** A command of the page, with what is printed below it. */
const EXAMPLE = /^```sh\n(?<command>millrace [^\n]*)\n```\n(?:\n```text\n.*?^```\n)?/gms
/** Either a command or a statement, in the order of the page. */
const STEP = /^```(?<kind>sh|sql)\n(?<text>.*?)^```$/gms
/** SQL that a command is to read. */
const IS_FILE = /^-- \S+\.sql\n/

let database: TestDatabase
let folder: string
let administrator: Connection

beforeAll(async () => {
  const files = [...PAGE.matchAll(/^```(?:ts\n\/\/|sql\n--) (?<name>\S+\.\w+)\n(?<text>.*?)^```$/gms)].map(
    ({ groups }) => [groups?.['name'] ?? '', groups?.['text'] ?? ''] as const,
  )
  folder = await projectFolder(Object.fromEntries(files))
  database = await createTestDatabase()
  administrator = await database.connect('superuser')
})

test('each example prints what the page says', async () => {
  const printed: string[] = []
  for (const { groups } of PAGE.matchAll(STEP)) {
    const text = groups?.['text'] ?? ''
    if (IS_FILE.test(text)) continue
    if (groups?.['kind'] === 'sql') await administrator.query(text)
    else printed.push(await outputOf(text.trim()))
  }
  expect(printed.length).toBeGreaterThan(10)

  const outputs = printed.values()
  const page = PAGE.replaceAll(EXAMPLE, (_, command: string) => {
    return `\`\`\`sh\n${command}\n\`\`\`\n\n\`\`\`text\n${String(outputs.next().value)}\`\`\`\n`
  })
  expectCommitted(DOCS, 'cli.md', page)
})

/** What a terminal would show, and the exit code if it is not 0. */
async function outputOf(command: string): Promise<string> {
  const [words = '', comment] = command.split(' # ')
  const args = [...words.matchAll(/'(?<quoted>[^']*)'|\S+/g)].map((it) => it.groups?.['quoted'] ?? it[0])
  const { code, stdout, stderr } = await millrace(args.slice(1), {
    cwd: folder,
    env: { DATABASE_URL: database.url('superuser') },
    onLog: (line, interrupt) => {
      if (comment?.includes('Ctrl-C') === true && line.startsWith('working on')) interrupt()
    },
  })
  const shown = [stderr, stdout].filter((it) => it !== '').join('')
  return code === 0 ? shown : `${shown}exit code ${String(code)}\n`
}

test('every command has a section, and its options are told there', () => {
  const stream = { write: () => undefined }
  const program = newProgram({ stdout: stream, run: () => () => Promise.resolve() })
  const commands = program.commands.flatMap((it) =>
    it.commands.length === 0 ? [it] : it.commands.map((inner) => inner),
  )
  expect(commands.length).toBeGreaterThanOrEqual(11)
  for (const command of commands) {
    const parent = command.parent === program ? '' : `${command.parent?.name() ?? ''} `
    const title = `## millrace ${parent}${command.name()}\n`
    expect(PAGE).toContain(title)
    const section = PAGE.slice(PAGE.indexOf(title)).split(/^## /m)[1] ?? ''
    const own = command.options.filter(({ long }) => long !== '--json' && long !== '--config')
    for (const { long } of own) expect(section, title).toContain(long)
  }
})
