import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { withConnection } from '../../src/pg/client.ts'
import { startEmbedded, type EmbeddedServer } from '../../src/pg/embedded/server.ts'
import { quickestFolder } from './quickest-folder.ts'
import { TEMPLATE, templateStatements } from './roles.ts'
import { runFolder } from './run-folder.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Connects as the superuser of the server that all test files share. */
    serverUrl: string
    /** Of each run another, in the names of what its files share. */
    run: string
  }
}

/**
 * One server for a whole run, with a template database in which the roles have their rights. MILLRACE_TEST_SERVER
 * names another one: of another version, or one that is already running.
 */
export default async function startServer(project: TestProject): Promise<() => Promise<void>> {
  const run = randomBytes(4).toString('hex')
  project.provide('run', run)
  const removeFolder = () => rm(runFolder(run), { recursive: true, force: true })
  const given = process.env['MILLRACE_TEST_SERVER']
  if (given !== undefined && given !== '') {
    await makeTemplate(given)
    project.provide('serverUrl', given)
    return removeFolder
  }

  const directory = await mkdtemp(join(await quickestFolder(), 'millrace-test-'))
  // The server may run under another account: where that cannot enter, its data would be elsewhere, and stay.
  await chmod(directory, 0o755)
  const server = await startEmbedded({ directory, durability: 'off' })
  const atExit = () => {
    endAtOnce(server)
    rmSync(directory, { recursive: true, force: true })
  }
  process.once('exit', atExit)
  await makeTemplate(server.url)
  project.provide('serverUrl', server.url)
  return async () => {
    process.off('exit', atExit)
    await server.stop()
    await removeFolder()
    await rm(directory, { recursive: true, force: true })
  }
}

/** For a run that is interrupted: nothing of it may be awaited. */
function endAtOnce({ dataDirectory }: EmbeddedServer): void {
  const file = join(dataDirectory, 'postmaster.pid')
  if (existsSync(file)) process.kill(Number.parseInt(readFileSync(file, 'utf8'), 10), 'SIGQUIT')
}

/** Makes the roles, and the database that `createTestDatabase` copies. */
export async function makeTemplate(url: string): Promise<void> {
  await withConnection({ url }, async (client) => {
    await client.query(`drop database if exists ${TEMPLATE} with (force)`)
    await client.query(`create database ${TEMPLATE}`)
  })
  await withConnection({ url: inDatabase(url, TEMPLATE) }, async (client) => {
    for (const statement of templateStatements()) await client.query(statement)
  })
}

export function inDatabase(url: string, database: string): string {
  const changed = new URL(url)
  changed.pathname = `/${database}`
  return changed.href
}
