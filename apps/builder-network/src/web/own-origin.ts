import type { MiddlewareHandler } from 'hono'
import { HTTPException } from 'hono/http-exception'

/** Nothing is written for pages of other sites, whatever they send: forms, JSON, or nothing at all. */
export function ownOriginOnly(publicUrl: string | undefined): MiddlewareHandler {
  return async (context, next) => {
    const { method, url } = context.req
    const origin = context.req.header('Origin')
    if (!['GET', 'HEAD'].includes(method) && origin !== undefined) {
      // What the browser itself says of where it comes from, which no page can change.
      const isOwn = context.req.header('Sec-Fetch-Site') === 'same-origin'
      if (!isOwn && origin !== new URL(publicUrl ?? url).origin) throw new HTTPException(403)
    }
    await next()
  }
}
