import type { Store } from './store.ts'
import type { Viewer } from './viewer.ts'

const VOTED =
  'select project_id from upvotes where user_id = $1 and project_id = any ($2::uuid[]) and is_upvote'

/** Which of these projects the viewer has voted up: one statement by the key of the votes, and none for a stranger. */
export async function upvotedBy(
  store: Pick<Store, 'rows'>,
  viewer: Viewer | null,
  projects: readonly { readonly id: string }[],
): Promise<ReadonlySet<string>> {
  if (viewer === null || projects.length === 0) return new Set()
  const rows = await store.rows<{ project_id: string }>(VOTED, [viewer.id, projects.map(({ id }) => id)])
  return new Set(rows.map((it) => it.project_id))
}
