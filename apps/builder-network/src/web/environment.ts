import type { Context } from 'hono'
import type { Ages } from './ages.ts'
import type { LiveChanges } from 'millrace/server'
import type { Link } from './html/layout.ts'
import type { Limited } from './limits.ts'
import { Refusal } from './refusal.ts'
import type { SharedAnswers } from './shared-answers.ts'
import type { Sessions } from './sessions/sessions.ts'
import type { Store } from './store.ts'
import { mayUse, type Access, type Viewer } from './viewer.ts'

/** What all requests share. */
export interface Surroundings {
  readonly store: Store
  readonly shared: SharedAnswers
  readonly ages: Ages
  readonly sessions: Sessions
  /** null: nobody is told of changes, and pages ask from time to time. */
  readonly live: LiveChanges | null
  readonly demo: Demo | null
  readonly limit: (what: Limited, who: string) => Promise<void>
  /** How long who has just written waits for a page to contain it. */
  readonly waitMs: number
  /** Each answer says what it has asked of the database. */
  readonly tellsTiming: boolean
  /** Of what failed and should not have. */
  readonly onError: (error: unknown) => void
}

/** What is said in a demonstration and nowhere else. */
export interface Demo {
  /** Who signs in by it; everybody is told. */
  readonly account: { readonly username: string; readonly password: string }
  readonly links: readonly Link[]
}

/** What Hono keeps of one request. */
export interface Environment {
  Variables: {
    viewer: Viewer | null
    /** The token of the session, from the cookie or the header. */
    session: string | null
    /** Whom limits count for: a person, or the address of somebody unknown. */
    who: string
    /** People reach it by TLS. */
    isSecure: boolean
  }
}

export type Request = Context<Environment>

/** Fails with 401 or 403. */
export function requireAccess(access: Access, viewer: Viewer | null): void {
  if (mayUse(access, viewer)) return
  if (viewer === null) throw new Refusal(401, 'sign-in', 'Sign in first.')
  throw new Refusal(403, 'forbidden', access === 'admin' ? 'Admin only' : `Only for ${access}s.`)
}
