import { takeToken } from '../../src/client/take-token.ts'
import type { Client } from '../../src/pg/client.ts'
import { found, type Session } from './stage.ts'

/** Commits statements as one transaction of the session, and returns the token that was taken among them. */
export async function commitWithToken(writer: Session, ...statements: readonly string[]): Promise<string> {
  await writer.query('begin')
  for (const statement of statements) await writer.query(statement)
  const token = await takeToken(writer)
  await writer.query('commit')
  return found(token ?? undefined)
}

/** What a reader is told, in a statement and a snapshot of its own or in those of its transaction. */
export async function hasPassed(reader: Client, token: string, model = 'feed'): Promise<boolean> {
  const [row] = await reader.query<{ passed: boolean }>('select millrace.has_passed($1, $2) as passed', [
    token,
    model,
  ])
  return found(row).passed
}
