import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import type { Request } from '../environment.ts'
import { SESSION_SECONDS } from './sessions.ts'

const SESSION = 'session'
/** The tokens of what the viewer has just written, so that the next page contains it. */
const WRITTEN = 'written'
const WRITTEN_SECONDS = 10

export function sessionToken(context: Request): string | null {
  const bearer = /^Bearer (\S+)$/.exec(context.req.header('Authorization') ?? '')?.[1]
  return bearer ?? getCookie(context, SESSION) ?? null
}

export function giveSession(context: Request, token: string): void {
  setCookie(context, SESSION, token, { ...shared(context), maxAge: SESSION_SECONDS })
}

export function dropSession(context: Request): void {
  deleteCookie(context, SESSION, { path: '/' })
}

/** What the viewer has written last. */
export interface Written {
  readonly token: string
  /** How long ago, as the browser brings it: whoever changes that is shown an older page. */
  readonly agoMs: number
}

export function lastWritten(context: Request): Written | null {
  const [, token, at] = /^(.+)@(\d+)$/.exec(getCookie(context, WRITTEN) ?? '') ?? []
  return token === undefined ? null : { token, agoMs: Date.now() - Number(at) }
}

export function giveWritten(context: Request, token: string | null): void {
  if (token === null) return
  const value = `${token}@${String(Date.now())}`
  setCookie(context, WRITTEN, value, { ...shared(context), maxAge: WRITTEN_SECONDS })
}

/** Scripts cannot read them, other sites' forms do not send them. */
function shared(context: Request) {
  const secure = context.get('isSecure')
  return { path: '/', httpOnly: true, sameSite: 'Lax', secure } as const
}
