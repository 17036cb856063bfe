import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Hono } from 'hono'
import type { Environment } from './environment.ts'

const own = (name: string) => fileURLToPath(new URL(`assets/${name}`, import.meta.url))
const htmx = dirname(createRequire(import.meta.url).resolve('htmx.org/package.json'))

const ASSETS: Readonly<Record<string, { readonly file: string; readonly type: string }>> = {
  'style.css': { file: own('style.css'), type: 'text/css' },
  'live.js': { file: own('live.js'), type: 'text/javascript' },
  'mine.js': { file: own('mine.js'), type: 'text/javascript' },
  'forms.js': { file: own('forms.js'), type: 'text/javascript' },
  'menu.js': { file: own('menu.js'), type: 'text/javascript' },
  'parts.js': { file: own('parts.js'), type: 'text/javascript' },
  'htmx.js': { file: join(htmx, 'dist/htmx.min.js'), type: 'text/javascript' },
}

/** The files that pages name, told apart from older ones by their contents. Read once, when the application starts. */
export function serveAssets(app: Hono<Environment>): void {
  for (const [name, { file, type }] of Object.entries(ASSETS)) {
    const text = readFileSync(file, 'utf8')
    const etag = `"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"`
    const headers = { ETag: etag, 'Cache-Control': 'no-cache', 'Content-Type': `${type}; charset=utf-8` }
    app.get(`/assets/${name}`, (context) =>
      context.req.header('If-None-Match') === etag
        ? context.body(null, 304, headers)
        : context.body(text, 200, headers),
    )
  }
}
