import { html, type Html } from './html.ts'

/** The name of a user, which leads to the user's page. */
export function person(username: string, isVerified = false): Html {
  return html`<a class="person" href="/users/${encodeURIComponent(username)}">${username}</a>${
      isVerified ? html` <span class="verified">verified</span>` : ''
    }`
}
