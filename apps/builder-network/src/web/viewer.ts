/** Who looks at a page. */
export interface Viewer {
  readonly id: string
  readonly username: string
  readonly role: Role
  readonly isAdmin: boolean
  /** Is listed as an investor: may do what investors may, whatever their own role. */
  readonly isListed: boolean
  /** SHA-256 of the token that they are signed in by. */
  readonly sessionId: string
}

export type Role = 'builder' | 'validator' | 'investor'

/** Whom a page or an action is for. Administrators may do what any role may. */
export type Access = 'everyone' | 'signed-in' | Role | 'admin'

export function mayUse(access: Access, viewer: Viewer | null): boolean {
  if (access === 'everyone') return true
  if (viewer === null) return false
  if (access === 'signed-in' || viewer.isAdmin || access === viewer.role) return true
  return access === 'investor' && viewer.isListed
}

/** What somebody is, in words: being a listed investor comes on top of their own role. */
export function roleOf({ role, isListed }: Pick<Viewer, 'role' | 'isListed'>): string {
  if (!isListed) return role
  return role === 'investor' ? 'listed investor' : `${role} and listed investor`
}

/** The viewer of pages and actions for everyone may be nobody. */
export type ViewerOf<A extends Access> = A extends 'everyone' ? Viewer | null : Viewer
