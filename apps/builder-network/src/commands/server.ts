import { totalmem } from 'node:os'
import { fileURLToPath } from 'node:url'
import { startEmbedded } from '../../../../src/pg/embedded/server.ts'
import { databaseUrl } from './command.ts'

/** Runs `use` on the server of DATABASE_URL, on which databases may be made; or on one of its own in `.millrace/<name>`. */
export async function onServer<T>(name: string, use: (url: string) => Promise<T>): Promise<T> {
  if ((process.env['DATABASE_URL'] ?? '') !== '') return await use(databaseUrl())
  const directory = fileURLToPath(new URL(`../../.millrace/${name}`, import.meta.url))
  const server = await startEmbedded({ directory, settings: { shared_buffers: quarterOfMemory() } })
  try {
    return await use(server.url)
  } finally {
    await server.stop()
  }
}

/** What PostgreSQL's manual advises for a server with a machine of its own. */
function quarterOfMemory(): string {
  return `${String(Math.floor(totalmem() / 4 / 2 ** 20))}MB`
}
