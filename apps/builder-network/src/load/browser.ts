import { RoundRobinPool } from 'undici'
import type { FormRequest, PageRequest } from './requests.ts'
import type { Session } from './sessions.ts'

/** What the proxy has open to the server at most: more than the server works on at once. */
const CONNECTIONS = 500

export interface Answered {
  /** Where a form was sent on to. */
  readonly location: string | null
}

/** Sends requests as the browsers of the sessions do, by way of a proxy, which keeps its connections in use. */
export interface Browser {
  /** Fails with what was answered instead. */
  readonly send: (session: Session, request: PageRequest | FormRequest) => Promise<Answered>
  readonly close: () => Promise<void>
}

/**
 * Keeps of each session's cookies the one that the application sets: what was written last. `giveUpMs`: who is not answered for so long is an
 * error.
 */
export function openBrowser(origin: string, giveUpMs: number): Browser {
  const pool = new RoundRobinPool(origin, {
    connections: CONNECTIONS,
    pipelining: 1,
    headersTimeout: giveUpMs,
    bodyTimeout: giveUpMs,
  })
  const written = new Map<string, Written>()
  return {
    send: async (session, request) => {
      const form = 'fields' in request ? new URLSearchParams(request.fields).toString() : null
      const { statusCode, headers, body } = await pool.request({
        path: request.path,
        method: form === null ? 'GET' : 'POST',
        headers: {
          cookie: `session=${session.token}${cookieOf(written, session)}`,
          ...(form !== null && { origin, 'content-type': 'application/x-www-form-urlencoded' }),
        },
        body: form,
      })
      const text = await body.text()
      if (statusCode !== (form === null ? 200 : 303)) throw new Error(`${String(statusCode)} ${gist(text)}`)
      keepCookie(written, session, headers['set-cookie'])
      return { location: withoutFragment(first(headers['location'])) }
    },
    close: async () => {
      await pool.destroy()
    },
  }
}

interface Written {
  readonly token: string
  readonly until: number
}

function cookieOf(written: Map<string, Written>, { token }: Session): string {
  const found = written.get(token)
  if (found === undefined) return ''
  if (found.until > performance.now()) return `; written=${found.token}`
  written.delete(token)
  return ''
}

function keepCookie(
  written: Map<string, Written>,
  session: Session,
  header: string | string[] | undefined,
): void {
  for (const line of [header ?? []].flat()) {
    const [, token] = /^written=([^;]*)/.exec(line) ?? []
    const [, seconds] = /max-age=(\d+)/i.exec(line) ?? []
    if (token === undefined || seconds === undefined) continue
    written.set(session.token, { token, until: performance.now() + Number(seconds) * 1_000 })
  }
}

/** Which the browser keeps for itself. */
function withoutFragment(location: string | null): string | null {
  return location?.replace(/#.*/, '') ?? null
}

function first(header: string | string[] | undefined): string | null {
  return [header ?? []].flat()[0] ?? null
}

/** What a page of an error says, in a line. */
function gist(html: string): string {
  return (/<h1>.*?<p>(.*?)<\/p>/s.exec(html)?.[1] ?? '').slice(0, 200)
}
