import type { z } from 'zod'
import type { Html } from './html/html.ts'
import type { Share } from './shared-answers.ts'
import type { Store } from './store.ts'
import type { Access, Viewer, ViewerOf } from './viewer.ts'

/** What is asked of a page. */
export interface Ask<Params, Query, V> {
  readonly store: Store
  /** For what is the same whoever asks: it may be a moment old, but not for who has just written. */
  readonly share: Share
  readonly params: Params
  readonly query: Query
  readonly viewer: V
}

/** What a view is given besides its data. */
export interface Frame<V = Viewer | null> {
  readonly viewer: V
  /** The address of the page, with its query. */
  readonly url: URL
}

/**
 * A page: who may see it, what it reads, how it looks. Its HTML at `path` and its JSON at `/api` and the path are two forms of one
 * answer.
 */
export interface PageSpec<
  A extends Access,
  Params extends z.ZodObject,
  Query extends z.ZodObject,
  Data extends z.ZodType,
> {
  /** As Hono writes it: `/projects/:id`. */
  readonly path: string
  /** Under `/api`, where it is not `path`. */
  readonly api?: string
  /** One of the eighteen of the plan, by its name there; null: none of them. */
  readonly feature: string | null
  /** In the API's document. */
  readonly summary: string
  /** Real-time: right at the commit. Eventual: within a second of it. */
  readonly freshness: 'real-time' | 'eventual'
  readonly access: A
  readonly params: Params
  readonly query: Query
  readonly data: Data
  /** The read models that it shows, by their names: how old they are is said on the page, and who has just written waits for them. */
  readonly models: readonly string[]
  /** A part of other pages, without the document around it. */
  readonly isFragment?: boolean
  /** null: there is no such thing. */
  readonly read: (ask: Ask<z.infer<Params>, z.infer<Query>, ViewerOf<A>>) => Promise<z.infer<Data> | null>
  readonly title: (data: z.infer<Data>) => string
  readonly view: (data: z.infer<Data>, frame: Frame<ViewerOf<A>>) => Html
}

/** A page whose types are closed: what routes and the API's document are made of. */
export interface Page {
  readonly path: string
  readonly api: string
  readonly feature: string | null
  readonly summary: string
  readonly freshness: 'real-time' | 'eventual'
  readonly access: Access
  readonly params: z.ZodObject
  readonly query: z.ZodObject
  readonly data: z.ZodType
  readonly models: readonly string[]
  readonly isFragment: boolean
  /** Fails with a ZodError where the query is wrong; null where there is no such thing. */
  readonly answer: (ask: Ask<unknown, unknown, Viewer | null>) => Promise<Answer | null>
}

export interface Answer {
  readonly data: unknown
  readonly title: string
  readonly view: (frame: Frame) => Html
}

export function page<
  A extends Access,
  Params extends z.ZodObject,
  Query extends z.ZodObject,
  Data extends z.ZodType,
>(spec: PageSpec<A, Params, Query, Data>): Page {
  return {
    ...spec,
    api: `/api${spec.api ?? spec.path}`,
    isFragment: spec.isFragment ?? false,
    answer: async ({ store, share, params, query, viewer }) => {
      const named = spec.params.safeParse(params)
      // What cannot be the name of anything is the address of nothing.
      if (!named.success) return null
      const data = await spec.read({
        store,
        share,
        params: named.data,
        query: spec.query.parse(query),
        // Routes have let nobody in whom `access` does not.
        viewer: viewer as ViewerOf<A>,
      })
      if (data === null) return null
      return {
        data,
        title: spec.title(data),
        view: (frame) => spec.view(data, frame as Frame<ViewerOf<A>>),
      }
    },
  }
}
