/** Whether chain `c` is shown to user $`viewer`, an administrator by $`isAdmin`: a private one to its creator and its followers only. */
export function isVisible({
  viewer,
  isAdmin,
}: {
  readonly viewer: number
  readonly isAdmin: number
}): string {
  const id = `$${String(viewer)}::uuid`
  return `(c.is_public or c.creator_id = ${id} or $${String(isAdmin)} or exists (
    select from chain_followers f where f.chain_id = c.id and f.user_id = ${id}))`
}
