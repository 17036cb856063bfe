import type { Request } from './environment.ts'
import { Refusal } from './refusal.ts'

/** An empty one says nothing. Fails with 400 where it is not JSON. */
export async function jsonBody(context: Request): Promise<unknown> {
  const text = await context.req.text()
  if (text === '') return {}
  try {
    return JSON.parse(text) as unknown
  } catch {
    throw new Refusal(400, 'not-json', 'The body is not JSON.')
  }
}
