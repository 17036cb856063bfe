import type { Hono } from 'hono'
import { z } from 'zod'
import type { Environment, Request, Surroundings } from '../environment.ts'
import type { Html } from '../html/html.ts'
import { jsonBody } from '../json-body.ts'
import { layout } from '../html/layout.ts'
import { ownPage } from '../own-page.ts'
import { Refusal } from '../refusal.ts'
import { deviceOf } from './device.ts'
import { dropSession, giveSession } from './cookies.ts'
import { signInForm, signUpForm, type SigningForm } from './forms.ts'
import { hashPassword, isPassword, newPassword } from './passwords.ts'
import { startSession } from './sessions.ts'

const USERNAME = z
  .string()
  .trim()
  .regex(/^[A-Za-z0-9_-]{3,40}$/, 'three to forty letters, digits, - and _')

const TO = ownPage.catch('/')

const signInBody = z.object({
  username: z.string().trim().min(1).max(100),
  password: z.string().min(1).max(200),
  to: TO,
})
const signUpBody = z.object({
  username: USERNAME,
  email: z.email().max(200),
  password: newPassword,
  role: z.enum(['builder', 'validator', 'investor']).catch('builder'),
  to: TO,
})

const FIND = `
  select u.id, c.password_hash
  from users u
  left join credentials c on c.user_id = u.id
  where lower(u.username) = lower($1) and u.is_active`

const JOIN = `
  insert into users (username, email, role)
  select $1, $2, $3
  where not exists (select from users where lower(username) = lower($1) or lower(email) = lower($2))
  on conflict do nothing
  returning id`

/** Signing in, up and out. */
export function signing(app: Hono<Environment>, surroundings: Surroundings): void {
  app.get('/sign-in', async (context) => await show(context, surroundings, SIGN_IN))
  app.get('/sign-up', async (context) => await show(context, surroundings, SIGN_UP))
  app.post('/sign-in', async (context) =>
    bySigning(context, surroundings, SIGN_IN, async (body) => await signIn(context, surroundings, body)),
  )
  app.post('/sign-up', async (context) =>
    bySigning(context, surroundings, SIGN_UP, async (body) => await signUp(context, surroundings, body)),
  )
  app.post('/sign-out', async (context) => {
    const token = context.get('session')
    if (token !== null) await surroundings.sessions.end(token)
    dropSession(context)
    return context.redirect('/', 303)
  })
  app.post('/api/sessions', async (context) => {
    const { token } = await signIn(context, surroundings, await jsonBody(context))
    return context.json({ token }, 201)
  })
}

interface Signed {
  readonly token: string
  readonly to: string
}

async function signIn(
  context: Request,
  { store, sessions, limit }: Surroundings,
  body: unknown,
): Promise<Signed> {
  const { username, password, to } = signInBody.parse(body)
  await limit('signIns', `${context.get('who')} ${username.toLowerCase()}`)
  const [found] = await store.rows<{ id: string; password_hash: string | null }>(FIND, [username])
  if (!(await isPassword(password, found?.password_hash ?? null)) || found === undefined) {
    throw new Refusal(401, 'sign-in', 'The name or the password is wrong.')
  }
  await endPresent(context, sessions)
  const token = await store.transaction(async (client) => {
    await client.query(`update users set last_login = now() at time zone 'utc' where id = $1`, [found.id])
    return await startSession(client, { userId: found.id, device: deviceIn(context) })
  })
  giveSession(context, token)
  return { token, to }
}

function deviceIn(context: Request): string | null {
  return deviceOf(context.req.header('User-Agent'))
}

/** Who signs in gets a new session, and leaves none behind. */
async function endPresent(context: Request, sessions: Surroundings['sessions']): Promise<void> {
  const present = context.get('session')
  if (present !== null) await sessions.end(present)
}

async function signUp(context: Request, { store, limit }: Surroundings, body: unknown): Promise<Signed> {
  const { username, email, password, role, to } = signUpBody.parse(body)
  await limit('signIns', `${context.get('who')} joins`)
  const hash = await hashPassword(password)
  const token = await store.transaction(async (client) => {
    const { rows } = await client.query<{ id: string }>(JOIN, [username, email, role])
    const [joined] = rows
    if (joined === undefined) throw new Refusal(409, 'taken', 'That name or address has an account already.')
    await client.query('insert into credentials (user_id, password_hash) values ($1, $2)', [joined.id, hash])
    return await startSession(client, { userId: joined.id, device: deviceIn(context) })
  })
  giveSession(context, token)
  return { token, to }
}

interface Shown {
  readonly title: string
  readonly form: (form: SigningForm) => Html
}

const SIGN_IN: Shown = { title: 'Sign in', form: signInForm }
const SIGN_UP: Shown = { title: 'Join', form: signUpForm }

async function show(
  context: Request,
  { demo }: Surroundings,
  { title, form }: Shown,
  refused?: { readonly refusal: Refusal; readonly body: Readonly<Record<string, unknown>> },
): Promise<Response> {
  const given = refused?.body ?? context.req.query()
  const username = typeof given['username'] === 'string' ? given['username'] : ''
  const body = form({ to: TO.parse(given['to']), username, demo })
  const page = layout({
    title,
    viewer: context.get('viewer'),
    url: new URL(context.req.url),
    body,
    notice: refused?.refusal.message,
    links: demo?.links,
  })
  return await context.html(page, refused?.refusal.status ?? 200)
}

/** A form that was refused is shown again, with the reason. */
async function bySigning(
  context: Request,
  surroundings: Surroundings,
  shown: Shown,
  sign: (body: unknown) => Promise<Signed>,
): Promise<Response> {
  const body = await context.req.parseBody()
  try {
    const { to } = await sign(body)
    return context.redirect(to, 303)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return await show(context, surroundings, shown, { refusal: error, body })
  }
}
