import type { Demo } from '../environment.ts'
import { html, type Html } from '../html/html.ts'

export interface SigningForm {
  /** The page of this site to go on to. */
  readonly to: string
  /** As it was given, where it was refused. */
  readonly username: string
  readonly demo: Demo | null
}

export function signInForm({ to, username, demo }: SigningForm): Html {
  return html`<div class="narrow form">
    <h1>Sign in</h1>
    <form class="card form" action="/sign-in" method="post" hx-boost="false">
      <input type="hidden" name="to" value="${to}" />
      <label
        >Name
        <input name="username" autocomplete="username" required maxlength="100" value="${username}" autofocus
      /></label>
      <label
        >Password
        <input name="password" type="password" autocomplete="current-password" required maxlength="200"
      /></label>
      <button>Sign in</button>
    </form>
    ${demo === null ? '' : demoAccount(demo)}
    <p>New here? <a href="/sign-up?to=${encodeURIComponent(to)}">Join</a></p>
  </div>`
}

function demoAccount({ account: { username, password } }: Demo): Html {
  return html`<p class="notice">
    This is a demonstration: sign in as <b>${username}</b> with the password <b>${password}</b>. Simulated
    people vote, comment and write beside you.
  </p>`
}

export function signUpForm({ to, username }: SigningForm): Html {
  return html`<div class="narrow form">
    <h1>Join</h1>
    <form class="card form" action="/sign-up" method="post" hx-boost="false">
      <input type="hidden" name="to" value="${to}" />
      <label
        >Name <small>Three to forty letters, digits, - and _</small>
        <input
          name="username"
          autocomplete="username"
          required
          pattern="[A-Za-z0-9_\\-]{3,40}"
          value="${username}"
          autofocus
      /></label>
      <label
        >E-mail <small>Nobody else sees it</small>
        <input name="email" type="email" autocomplete="email" required maxlength="200"
      /></label>
      <label
        >Password <small>Ten characters at least</small>
        <input
          name="password"
          type="password"
          autocomplete="new-password"
          minlength="10"
          maxlength="200"
          required
      /></label>
      <label>
        I am a
        <select name="role">
          <option value="builder">builder: I post what I make</option>
          <option value="validator">validator: I look at it and award badges</option>
          <option value="investor">investor: I ask builders to meet</option>
        </select>
      </label>
      <button>Join</button>
    </form>
    <p>Here already? <a href="/sign-in?to=${encodeURIComponent(to)}">Sign in</a></p>
  </div>`
}
