import { getConnInfo } from '@hono/node-server/conninfo'
import type { MiddlewareHandler } from 'hono'
import type { Environment, Request, Surroundings } from './environment.ts'
import { sessionToken } from './sessions/cookies.ts'

interface IdentifyOptions extends Pick<Surroundings, 'sessions'> {
  readonly publicUrl: string | undefined
}

/** Whose request it is. */
export function identify({ sessions, publicUrl }: IdentifyOptions): MiddlewareHandler<Environment> {
  const isPublicSecure = publicUrl === undefined ? undefined : new URL(publicUrl).protocol === 'https:'
  return async (context, next) => {
    const token = sessionToken(context)
    const viewer = token === null ? null : await sessions.find(token)
    context.set('session', token)
    context.set('viewer', viewer)
    context.set('who', viewer?.id ?? (publicUrl === undefined ? addressOf(context) : forwardedFor(context)))
    context.set('isSecure', isPublicSecure ?? context.req.url.startsWith('https:'))
    await next()
  }
}

/** The last address is the one that the proxy itself has seen; those before it are what the visitor says. */
function forwardedFor(context: Request): string {
  return context.req.header('X-Forwarded-For')?.split(',').at(-1)?.trim() ?? 'unknown'
}

/** Absent in a test that sends its requests without a network. */
function addressOf(context: Parameters<typeof getConnInfo>[0]): string {
  const { env } = context as { env: unknown }
  return typeof env === 'object' && env !== null && 'incoming' in env
    ? (getConnInfo(context).remote.address ?? 'unknown')
    : 'unknown'
}
