import { z } from 'zod'
import { ago } from '../html/ago.ts'
import { html, type Html } from '../html/html.ts'
import { page } from '../page.ts'

const session = z.object({
  id: z.string().describe('SHA-256 of its token'),
  device: z.string().nullable().describe('What its browser says that it is; null: nothing'),
  is_this: z.boolean().describe('The one by which this was asked'),
  created_at: z.string(),
  last_used_at: z.string().describe('To five minutes'),
})

type Session = z.infer<typeof session>

const data = z.object({
  email: z.string(),
  bio: z.string().nullable(),
  profile_image: z.string().nullable(),
  sessions: z.array(session),
  saved: z.string().nullable(),
})

type Settings = z.infer<typeof data>

const ME = 'select email, bio, profile_image from users where id = $1'
const SESSIONS = `
  select encode(token_hash, 'hex') as id, device, token_hash = decode($2, 'hex') as is_this, created_at, last_used_at
  from sessions
  where user_id = $1 and expires_at > now() at time zone 'utc'
  order by is_this desc, last_used_at desc, created_at desc
  limit 50`

const SAVED = {
  profile: 'Your profile is saved.',
  email: 'Your address is changed.',
  password: 'Your password is changed, and every other session has ended.',
  sessions: 'You are signed out there.',
}

export const settings = page({
  path: '/me/settings',
  feature: null,
  summary: 'Profile, address, password and sessions of the viewer',
  freshness: 'real-time',
  access: 'signed-in',
  params: z.object({}),
  query: z.object({ saved: z.enum(['profile', 'email', 'password', 'sessions']).optional() }),
  data,
  models: [],
  read: async ({ store, query: { saved }, viewer }) => {
    const [me] = await store.rows<Pick<Settings, 'email' | 'bio' | 'profile_image'>>(ME, [viewer.id])
    if (me === undefined) return null
    const sessions = await store.rows<Session>(SESSIONS, [viewer.id, viewer.sessionId])
    return { ...me, sessions: [...sessions], saved: saved === undefined ? null : SAVED[saved] }
  },
  title: () => 'Settings',
  view: (it, { viewer }) =>
    html`<h1>Settings</h1>
      ${it.saved === null ? '' : html`<p class="notice" role="status">${it.saved}</p>`}
      <div class="columns">
        ${profile(it, viewer.username)} ${address(it)} ${password(viewer.username)} ${sessions(it)}
      </div>`,
})

function profile(it: Settings, username: string): Html {
  return html`<form class="card form" action="/me/profile" method="post">
    <h2>Profile</h2>
    <p class="muted">Everybody sees it on <a href="/users/${username}">your page</a>.</p>
    <label>About you <textarea name="bio" maxlength="2000">${it.bio ?? ''}</textarea></label>
    <label
      >Picture <small>An address that begins with https://</small>
      <input name="profile_image" type="url" maxlength="2000" value="${it.profile_image ?? ''}"
    /></label>
    <button>Save</button>
  </form>`
}

function address(it: Settings): Html {
  return html`<form class="card form" action="/me/email" method="post">
    <h2>E-mail</h2>
    <p class="muted">Nobody else sees it.</p>
    <label
      >Address
      <input name="email" type="email" autocomplete="email" required maxlength="200" value="${it.email}"
    /></label>
    <label
      >Your password
      <input name="current" type="password" autocomplete="current-password" required maxlength="200"
    /></label>
    <button>Change the address</button>
  </form>`
}

function password(username: string): Html {
  return html`<form class="card form" action="/me/password" method="post">
    <h2>Password</h2>
    <input type="hidden" name="username" autocomplete="username" value="${username}" />
    <label
      >The present one
      <input name="current" type="password" autocomplete="current-password" required maxlength="200"
    /></label>
    <label
      >The new one <small>Ten characters at least</small>
      <input
        name="password"
        type="password"
        autocomplete="new-password"
        required
        minlength="10"
        maxlength="200"
    /></label>
    <button>Change the password</button>
  </form>`
}

function sessions(it: Settings): Html {
  return html`<section class="card form wide">
    <h2>Where you are signed in</h2>
    <ul class="entries">
      ${it.sessions.map(oneSession)}
    </ul>
    <form action="/me/sessions/end" method="post"><button class="danger">End all others</button></form>
  </section>`
}

function oneSession({ id, device, is_this, created_at, last_used_at }: Session): Html {
  const name = device ?? 'Unknown device'
  return html`<li>
    <div class="what">
      <p class="title">${name}</p>
      <p class="muted">
        ${is_this ? 'in use now' : html`used ${ago(last_used_at)}`} · since ${ago(created_at)}
      </p>
    </div>
    ${
      is_this
        ? html`<span class="tag">this one</span>`
        : html`<form action="/me/sessions/${id}/end" method="post">
            <button
              class="quiet small"
              aria-label="End the session of ${name}, since ${created_at.slice(0, 16)}"
            >
              End
            </button>
          </form>`
    }
  </li>`
}
