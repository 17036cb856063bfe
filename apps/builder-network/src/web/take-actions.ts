import type { Hono } from 'hono'
import { giveToken, takeToken } from 'millrace/client'
import { requireAccess, type Environment, type Request, type Surroundings } from './environment.ts'
import type { Action, Done } from './action.ts'
import { jsonBody } from './json-body.ts'
import { tellChangedUser } from './sessions/changed-users.ts'
import { deviceOf } from './sessions/device.ts'
import { giveSession, giveWritten } from './sessions/cookies.ts'

/** Each action twice: for forms, which are sent on to the page that shows it, and for programs. */
export function takeActions(
  app: Hono<Environment>,
  actions: readonly Action[],
  surroundings: Surroundings,
): void {
  for (const action of actions) {
    app.post(action.path, async (context) => {
      const { done, token } = await perform(action, context, surroundings, await context.req.parseBody())
      giveWritten(context, token)
      if (done.session !== undefined) giveSession(context, done.session)
      return context.redirect(done.to, 303)
    })
    app.post(action.api, async (context) => {
      const { done, token } = await perform(action, context, surroundings, await jsonBody(context))
      const session = done.session === undefined ? {} : { token: done.session }
      const response = context.json({ page: done.to, ...done.made, ...session })
      giveToken(response.headers, token)
      return response
    })
  }
}

async function perform(
  action: Action,
  context: Request,
  { store, sessions, limit }: Surroundings,
  body: unknown,
): Promise<{ readonly done: Done; readonly token: string | null }> {
  const viewer = context.get('viewer')
  requireAccess(action.access, viewer)
  await limit(action.limit, context.get('who'))
  const device = deviceOf(context.req.header('User-Agent'))
  const performed = await store.transaction(async (client) => {
    const done = await action.run({ client, params: context.req.param(), body, viewer, device })
    if (done.changedUser !== undefined) await tellChangedUser(client, done.changedUser)
    return { done, token: await takeToken(client) }
  })
  if (performed.done.changedUser !== undefined) sessions.forget(performed.done.changedUser)
  return performed
}
