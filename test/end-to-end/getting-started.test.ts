import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { millrace, projectFolder, writeProjectFile } from '../support/command-line.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { blocksOf, examplesOf, isShown, psqlTable, type Block } from '../support/document.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const PRISMA = join(ROOT, 'test/prisma/node_modules')
const run = promisify(execFile)

/** An empty project in which a guide is followed, with the packages that it installs. */
interface Project {
  readonly folder: string
  readonly database: TestDatabase
  readonly packages: string
  readonly env: Readonly<Record<string, string>>
}

async function newProject(packages: string): Promise<Project> {
  const folder = await projectFolder({ 'package.json': '{ "type": "module" }' })
  await symlink(packages, join(folder, 'node_modules'))
  const database = await createTestDatabase()
  const { PATH = '', HOME = '' } = process.env
  const env = { PATH, HOME, DATABASE_URL: database.url('superuser') }
  return { folder, database, packages, env }
}

/** Does what the guide says, block by block, and compares what it shows. Returns how many commands were run. */
async function follow(guide: string, project: Project): Promise<number> {
  const blocks = blocksOf(new URL(`../../docs/getting-started-${guide}.md`, import.meta.url))
  let commands = 0
  let printed = ''
  for (const block of blocks) {
    const where = `${guide}, line ${String(block.line)}`
    if (block.language === 'ts' || block.language === 'prisma') await write(block, project)
    else if (block.language === 'sql') printed = await runSql(block, project)
    else if (block.language === 'text') expect(`${printed}\n`, where).toBe(block.text)
    else if (block.text.startsWith('npx prisma')) await generate(project)
    for (const { command, output } of block.language === 'console' ? examplesOf(block) : []) {
      const shown = await outputOf(command, project)
      expect(isShown(output, shown), `${where}: ${command} printed\n${shown}`).toBe(true)
      commands += 1
    }
  }
  return commands
}

/** The first line names the file. */
async function write({ text }: Block, { folder }: Project): Promise<void> {
  const name = /^\/\/ (\S+)\n/.exec(text)?.[1]
  if (name === undefined) throw new Error(`an example without the name of its file:\n${text}`)
  await writeProjectFile(folder, name, text)
}

async function runSql({ text }: Block, { database }: Project): Promise<string> {
  const client = await database.connect('superuser')
  const { fields = [], rows = [] } = [await client.raw.query(text)].flat().at(-1) ?? {}
  return psqlTable(
    fields.map(({ name }) => name),
    rows as Readonly<Record<string, string>>[],
  )
}

/** `npx tsx` runs TypeScript; here jiti does, which Millrace brings. */
async function outputOf(command: string, { folder, env, packages }: Project): Promise<string> {
  const script = /^npx tsx (\S+)$/.exec(command)?.[1]
  if (script !== undefined) {
    const jiti = join(ROOT, 'node_modules/jiti/lib/jiti-cli.mjs')
    const { stdout } = await run(process.execPath, [jiti, script], {
      cwd: folder,
      env: { ...env, NODE_PATH: packages },
    })
    return stdout
  }
  const words = command.replace(/^npx millrace /, '').matchAll(/'(?<quoted>[^']*)'|\S+/g)
  const args = [...words].map((it) => it.groups?.['quoted'] ?? it[0])
  const { stdout, stderr, code } = await millrace(args, { cwd: folder, env })
  return `${stderr}${stdout}${code === 0 || args[0] === 'plan' ? '' : `exit code ${String(code)}\n`}`
}

/** The generator needs no engine, but the program looks for one that it would download; any program will do. */
async function generate({ folder, env }: Project): Promise<void> {
  const prisma = join(PRISMA, 'prisma/build/index.js')
  await run(process.execPath, [prisma, 'generate', '--schema', 'schema.prisma'], {
    cwd: folder,
    env: { ...env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, CHECKPOINT_DISABLE: '1' },
  })
}

test.each(['sql', 'kysely', 'drizzle', 'knex'])(
  'docs/getting-started-%s.md ends in a fresh page',
  async (guide) => {
    expect(await follow(guide, await newProject(join(ROOT, 'node_modules')))).toBeGreaterThanOrEqual(6)
  },
)

/** npm ci in test/prisma installs it: 300 MB. */
const isInstalled = existsSync(join(PRISMA, 'prisma'))
if (!isInstalled)
  console.info("the guide of Prisma is not followed: run npm ci in test/prisma for Prisma's packages")

test.runIf(isInstalled)('docs/getting-started-prisma.md ends in a fresh page', async () => {
  expect(await follow('prisma', await newProject(PRISMA))).toBe(6)
})
