import type { Hono } from 'hono'
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from 'zod-openapi'
import { z } from 'zod'
import type { Action } from './action.ts'
import type { Environment } from './environment.ts'
import type { Page } from './page.ts'

const problem = z
  .object({
    error: z.string(),
    code: z.string(),
    message: z.string(),
    issues: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  })
  .meta({ id: 'Problem' })

const done = z
  .looseObject({ page: z.string().describe('The page that shows what was done') })
  .meta({ id: 'Done' })

/** The document of the API, at `/api/openapi.json`: made from the pages and the actions themselves. */
export function describeApi(
  app: Hono<Environment>,
  pages: readonly Page[],
  actions: readonly Action[],
): void {
  const document = createDocument({
    openapi: '3.1.0',
    info: { title: 'Builder network', version: '1.0.0' },
    components: { securitySchemes: { session: { type: 'http', scheme: 'bearer' } } },
    paths: pathsOf(pages, actions),
  })
  app.get('/api/openapi.json', (context) => context.json(document))
}

function pathsOf(pages: readonly Page[], actions: readonly Action[]): ZodOpenApiPathsObject {
  const paths: Record<string, NonNullable<ZodOpenApiPathsObject[string]>> = {}
  for (const page of pages) paths[templateOf(page.api)] = { get: readOf(page) }
  for (const action of actions) {
    const path = templateOf(action.api)
    paths[path] = { ...paths[path], post: writeOf(action) }
  }
  return paths
}

function readOf({ summary, access, params, query, data }: Page): ZodOpenApiOperationObject {
  return {
    summary,
    ...securityOf(access),
    requestParams: { path: params, query },
    responses: {
      '200': { description: 'The page', content: { 'application/json': { schema: data } } },
      ...refusals,
    },
  }
}

function writeOf({ summary, access, params, body }: Action): ZodOpenApiOperationObject {
  return {
    summary,
    ...securityOf(access),
    requestParams: { path: params },
    requestBody: { content: { 'application/json': { schema: body } } },
    responses: {
      '200': { description: 'Done', content: { 'application/json': { schema: done } } },
      ...refusals,
    },
  }
}

const refusals = {
  default: { description: 'Refused', content: { 'application/json': { schema: problem } } },
}

function securityOf(access: string): {
  readonly security?: Record<string, string[]>[]
  readonly description?: string
} {
  if (access === 'everyone') return {}
  return {
    security: [{ session: [] }],
    description: access === 'signed-in' ? 'Signed in.' : `For the role ${access}.`,
  }
}

/** `/projects/:id` as OpenAPI writes it. */
function templateOf(path: string): string {
  return path.replaceAll(/:(\w+)(\{[^}]*\})?/g, '{$1}')
}
