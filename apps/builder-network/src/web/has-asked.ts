import { mayUse, type Viewer } from './viewer.ts'

/** Whether investor $`investor` waits for an answer of the user in `builder`: by the index on what builders are asked. */
export function hasAsked(investor: number, builder: string): string {
  return `exists (
    select from intro_requests i
    where i.builder_id = ${builder} and i.status = 'pending' and i.investor_id = $${String(investor)}::uuid)`
}

/** Who may ask for introductions; null: the viewer may not, and nothing is looked for. */
export function asker(viewer: Viewer | null): string | null {
  return viewer !== null && mayUse('investor', viewer) ? viewer.id : null
}
