import { randomBytes } from 'node:crypto'
import { withConnection } from '../../src/pg/client.ts'

/** Runs `use` in a database of its own on the server, and drops it. Nothing else on the server is touched. */
export async function inOwnDatabase<T>(serverUrl: string, use: (url: string) => Promise<T>): Promise<T> {
  const name = `millrace_bench_${randomBytes(4).toString('hex')}`
  const url = new URL(serverUrl)
  url.pathname = `/${name}`

  return await withConnection({ url: serverUrl }, async (client) => {
    await client.query(`create database ${name}`)
    try {
      return await use(url.href)
    } finally {
      await client.query(`drop database ${name} with (force)`)
    }
  })
}
