import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import * as client from '../../src/client/index.ts'
import { loadModule } from '../../src/define/load-config.ts'
import * as millraceModule from '../../src/index.ts'
import { millrace } from '../support/command-line.ts'
import { createTestDatabase } from '../support/database.ts'
import { blocksOf, examplesOf, isShown, type Block } from '../support/document.ts'

interface Example {
  readonly example: () => Promise<unknown>
}

/** Does what a page says. `text`: what a file shows that was written, `json`: what the example before it returns. */
async function follow(name: string): Promise<Readonly<Record<string, number>>> {
  const database = await createTestDatabase()
  const administrator = await database.connect('superuser')
  const folder = await mkdtemp(join(tmpdir(), 'millrace-docs-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  vi.stubEnv('DATABASE_URL', database.url('superuser'))
  onTestFinished(() => {
    vi.unstubAllEnvs()
  })
  const pools: { end(): Promise<void> }[] = []
  const made = (...args: Parameters<typeof client.createPool>) => {
    const pool = client.createPool(...args)
    pools.push(pool)
    return pool
  }
  const modules = { millrace: millraceModule, client: { ...client, createPool: made } }

  const ran: Record<string, number> = {}
  let last = ''
  const actions: Readonly<Record<string, (block: Block) => Promise<void>>> = {
    sql: async ({ text }) => {
      await administrator.query(text)
    },
    ts: async ({ text }) => {
      last = join(folder, /^\/\/ (\S+)\n/.exec(text)?.[1] ?? '')
      await writeFile(last, text)
    },
    console: async (block) => {
      for (const { command, output } of examplesOf(block)) {
        const { stdout, stderr } = await millrace(command.split(' ').slice(2), {
          cwd: folder,
          env: { DATABASE_URL: database.url('superuser') },
        })
        expect(isShown(output, stdout + stderr), `${command} printed\n${stdout}${stderr}`).toBe(true)
        last = join(folder, /^written {2}(\S+):/.exec(stdout)?.[1] ?? '')
      }
    },
    text: async ({ text }) => {
      expect(await readFile(last, 'utf8')).toBe(text)
    },
    json: async ({ text }) => {
      const { example } = (await loadModule(last, modules)) as Example
      expect(JSON.parse(JSON.stringify(await example())), last).toEqual(JSON.parse(text))
    },
  }
  for (const block of blocksOf(new URL(`../../docs/${name}`, import.meta.url))) {
    await actions[block.language]?.(block)
    ran[block.language] = (ran[block.language] ?? 0) + 1
  }
  await Promise.all(pools.map((it) => it.end()))
  return ran
}

test.each([
  ['client.md', { sql: 2, ts: 7, console: 1, json: 4 }],
  ['types.md', { sql: 1, ts: 1, console: 5, text: 4 }],
])('what docs/%s shows happens', async (name, blocks) => {
  expect(await follow(name)).toEqual(blocks)
})
