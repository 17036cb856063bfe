import { fileURLToPath } from 'node:url'
import { startEmbedded } from '../../../../src/pg/embedded/server.ts'
import { databaseUrl } from './command.ts'

/** Runs `use` on the server of DATABASE_URL, on which databases may be made; or on one of its own in `.millrace/<name>`. */
export async function onServer<T>(name: string, use: (url: string) => Promise<T>): Promise<T> {
  if ((process.env['DATABASE_URL'] ?? '') !== '') return await use(databaseUrl())
  const directory = fileURLToPath(new URL(`../../.millrace/${name}`, import.meta.url))
  const server = await startEmbedded({ directory })
  try {
    return await use(server.url)
  } finally {
    await server.stop()
  }
}
