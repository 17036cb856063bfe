import type { ShownChain } from '../pages/chains/row.ts'
import type { Viewer } from '../viewer.ts'
import { counted } from './figure.ts'
import { html, type Html } from './html.ts'
import { person } from './person.ts'
import { press } from './press.ts'

/** A chain in a list. */
export function chainCard(
  it: ShownChain,
  { viewer, back }: { readonly viewer: Viewer | null; readonly back: string },
): Html {
  return html`<li class="card" id="chain-${it.id}" data-key="${it.id}">
    <h2><a href="/chains/${it.id}" data-field="name">${it.name}</a></h2>
    <p class="said cut-3" data-field="description">${it.description}</p>
    <p class="facts">
      ${person(it.creator_username)} ·
      <a href="/chains?category=${encodeURIComponent(it.category)}">${it.category}</a> ·
      ${counted('follower_count', it.follower_count, 'follower')} ·
      ${counted('project_count', it.project_count, 'project')} ·
      ${counted('post_count', it.post_count, 'post')}
      ${it.is_featured ? html` · <span class="tag">featured</span>` : ''}
    </p>
    ${followButton(it, viewer, back)}
  </li>`
}

export function followButton(
  it: Pick<ShownChain, 'id' | 'name' | 'user_is_following'>,
  viewer: Viewer | null,
  back: string,
): Html {
  if (viewer === null) return html``
  return it.user_is_following
    ? press({ action: `/chains/${it.id}/follow/back`, text: 'Unfollow', label: `Unfollow ${it.name}`, back })
    : press({ action: `/chains/${it.id}/follow`, text: 'Follow', label: `Follow ${it.name}`, back })
}
