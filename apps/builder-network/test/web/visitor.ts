import { TOKEN_HEADER, tokensAfter } from 'millrace/client'
import { WAIT_MS } from '../../../../test/support/patience.ts'
import { createWeb, type Web, type WebOptions } from '../../src/web/app.ts'

const ORIGIN = 'http://localhost'

/** A browser without a screen: it keeps cookies, and the tokens of what it has written by the API, and follows nothing. */
export interface Visitor {
  readonly get: (path: string) => Promise<Response>
  /** Sends a form. */
  readonly post: (path: string, fields?: Readonly<Record<string, string>>) => Promise<Response>
  readonly getJson: (path: string) => Promise<{ readonly status: number; readonly body: unknown }>
  readonly postJson: (
    path: string,
    body?: unknown,
  ) => Promise<{ readonly status: number; readonly body: unknown }>
  /** Does what somebody can do to what their browser holds. */
  readonly changeCookie: (name: string, change: (value: string) => string) => void
}

/** Limits that no test reaches. */
const NO_LIMITS = { reads: 1e6, writes: 1e6, signIns: 1e6 }

/** The application before a database, without a network between. Errors that are nobody's fault are thrown. */
export function openWeb(
  databaseUrl: string,
  options: Partial<WebOptions> = {},
): Web & { readonly errors: unknown[] } {
  const errors: unknown[] = []
  const web = createWeb({
    databaseUrl,
    limits: NO_LIMITS,
    // However busy the machine is: pages contain what has been written.
    waitMs: WAIT_MS,
    tellsTiming: true,
    onError: (error) => {
      errors.push(error)
    },
    ...options,
  })
  return { ...web, errors }
}

export function visit(
  { app }: Pick<Web, 'app'>,
  cookiesBefore: Readonly<Record<string, string>> = {},
  headersAlways: Readonly<Record<string, string>> = {},
): Visitor {
  const cookies = new Map(Object.entries(cookiesBefore))
  let tokens: readonly string[] = []
  const send = async (path: string, type?: string, body?: string) => {
    const headers = new Headers({ Origin: ORIGIN, ...headersAlways })
    if (cookies.size > 0) headers.set('Cookie', [...cookies].map((it) => it.join('=')).join('; '))
    if (type !== undefined) headers.set('Content-Type', type)
    if (tokens.length > 0) headers.set(TOKEN_HEADER, tokens.join(','))
    const method = type === undefined ? 'GET' : 'POST'
    const response = await app.request(`${ORIGIN}${path}`, {
      method,
      headers,
      ...(body !== undefined && { body }),
    })
    tokens = tokensAfter(tokens, tokens, response)
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      if (value === '' || /max-age=0/i.test(line)) cookies.delete(name)
      else cookies.set(name, value)
    }
    return response
  }
  return {
    get: async (path) => await send(path),
    post: async (path, fields = {}) =>
      await send(path, 'application/x-www-form-urlencoded', new URLSearchParams(fields).toString()),
    getJson: async (path) => await told(await send(path)),
    postJson: async (path, body = {}) =>
      await told(await send(path, 'application/json', JSON.stringify(body))),
    changeCookie: (name, change) => {
      cookies.set(name, change(cookies.get(name) ?? ''))
    },
  }
}

/** Somebody new, signed in. */
export async function join(
  web: Pick<Web, 'app'>,
  username: string,
  role: 'builder' | 'validator' | 'investor' = 'builder',
): Promise<Visitor> {
  const visitor = visit(web)
  const fields = { username, email: `${username}@example.org`, password: 'correct horse battery', role }
  const response = await visitor.post('/sign-up', fields)
  if (response.status !== 303) throw new Error(`${username} could not join: ${await response.text()}`)
  return visitor
}

async function told(response: Response): Promise<{ readonly status: number; readonly body: unknown }> {
  return { status: response.status, body: await response.json() }
}
