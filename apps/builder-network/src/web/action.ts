import type { z } from 'zod'
import type pg from 'pg'
import type { Limited } from './limits.ts'
import { notFound } from './refusal.ts'
import type { Access, Viewer, ViewerOf } from './viewer.ts'

/** What an action is given: a transaction, which is committed when it has run, and rolled back where it fails. */
export interface Doing<Params, Body, V> {
  readonly client: pg.PoolClient
  readonly params: Params
  readonly body: Body
  readonly viewer: V
  /** What the viewer's browser says that it is. */
  readonly device: string | null
}

/** What came of an action. */
export interface Done {
  /** The page that shows it. */
  readonly to: string
  /** For the API: what was made, say its id. */
  readonly made?: Readonly<Record<string, unknown>>
  /** Somebody whose role or sessions are others now: what is remembered of them is forgotten. */
  readonly changedUser?: string
  /** The token of a new session, in the place of the viewer's own. */
  readonly session?: string
}

/** Something that people do, by a form of a page (`POST path`) or by the API (`POST /api` and the path, JSON in the body). */
export interface ActionSpec<A extends Access, Params extends z.ZodObject, Body extends z.ZodObject> {
  readonly path: string
  readonly summary: string
  readonly access: A
  /** What it counts as; a write unless said otherwise. */
  readonly limit?: Limited
  readonly params: Params
  /** Values of forms are text: numbers and booleans are coerced. */
  readonly body: Body
  /** Fails with a Refusal where it cannot be done. */
  readonly run: (doing: Doing<z.infer<Params>, z.infer<Body>, ViewerOf<A>>) => Promise<Done>
}

export interface Action {
  readonly path: string
  readonly api: string
  readonly summary: string
  readonly access: Access
  readonly limit: Limited
  readonly params: z.ZodObject
  readonly body: z.ZodObject
  /** Fails with a ZodError where the body is wrong, and with 404 where the params name nothing. */
  readonly run: (doing: Doing<unknown, unknown, Viewer | null>) => Promise<Done>
}

export function action<A extends Access, Params extends z.ZodObject, Body extends z.ZodObject>(
  spec: ActionSpec<A, Params, Body>,
): Action {
  return {
    ...spec,
    limit: spec.limit ?? 'writes',
    api: `/api${spec.path}`,
    run: async ({ client, params, body, viewer, device }) => {
      const named = spec.params.safeParse(params)
      if (!named.success) throw notFound()
      return await spec.run({
        client,
        params: named.data,
        body: spec.body.parse(body),
        viewer: viewer as ViewerOf<A>,
        device,
      })
    },
  }
}
