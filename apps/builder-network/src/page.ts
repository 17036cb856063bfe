import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { html, raw } from 'hono/html'
import pg from 'pg'
import type { Status } from './status.ts'

export interface PageOptions {
  /** 4460 where absent and free; 0 for any. */
  readonly port: number | undefined
  readonly databaseUrl: string
  readonly status: () => Status
}

interface FeedRow {
  readonly id: string
  readonly title: string
  readonly username: string
  readonly upvote_count: string
  readonly comment_count: string
  readonly badge_count: string
  readonly trending_score: string
}

const PORT = 4460
const TOP = `
  select id, title, username, upvote_count, comment_count, badge_count, trending_score
  from mv_feed_projects
  order by trending_score desc, id
  limit 10`

/** Serves the status page and the data behind it, on this machine only. */
export async function servePage({
  port,
  databaseUrl,
  status,
}: PageOptions): Promise<{ url: string; close: () => Promise<void> }> {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 2 })
  pool.on('error', () => undefined)
  const app = new Hono()
  app.get('/', (context) => context.html(page()))
  app.get('/status.json', async (context) => {
    const top = await pool.query<FeedRow>(TOP)
    return context.json({ ...status(), top: top.rows })
  })

  const server = await listen(app, port ?? PORT).catch((error: unknown) => {
    if (port !== undefined) throw error
    return listen(app, 0)
  })
  return {
    url: `http://127.0.0.1:${String(server.port)}/`,
    close: async () => {
      await server.close()
      await pool.end()
    },
  }
}

async function listen(app: Hono, port: number): Promise<{ port: number; close: () => Promise<void> }> {
  return await new Promise((resolve, reject) => {
    const server = serve({ fetch: app.fetch, port, hostname: '127.0.0.1' }, (info) => {
      resolve({
        port: info.port,
        close: () =>
          new Promise((closed) => {
            server.close(() => {
              closed()
            })
            if ('closeAllConnections' in server) server.closeAllConnections()
          }),
      })
    })
    server.once('error', reject)
  })
}

function page() {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>Builder network · Millrace</title>
        <link rel="icon" href="data:," />
        <style>
          ${raw(STYLE)}
        </style>
      </head>
      <body>
        <main>
          <header>
            <h1>Builder network</h1>
            <p id="worker" role="status">starting</p>
          </header>
          <section class="figures" aria-label="Figures">
            <div><b id="writes">–</b><span>writes a second</span></div>
            <div><b id="reads">–</b><span>reads a second</span></div>
            <div><b id="lag">–</b><span>from commit to page (half of them)</span></div>
            <div><b id="lag95">–</b><span>from commit to page (95 %)</span></div>
          </section>
          <section>
            <h2>Trending now</h2>
            <ol id="feed"></ol>
          </section>
          <section>
            <h2>Read models</h2>
            <div class="scroll" tabindex="0">
              <table>
                <thead>
                  <tr>
                    <th>name</th>
                    <th>drains</th>
                    <th>keys kept fresh</th>
                    <th>rows changed</th>
                    <th>waiting</th>
                    <th>last drain</th>
                  </tr>
                </thead>
                <tbody id="models"></tbody>
              </table>
            </div>
          </section>
          <section>
            <h2>What people do</h2>
            <ul id="actions"></ul>
          </section>
        </main>
        <script type="module">
          ${raw(SCRIPT)}
        </script>
      </body>
    </html>`
}

const STYLE = `
  :root { color-scheme: light dark; --ink: light-dark(#1b2430, #e6ebf2); --soft: light-dark(#5b6675, #97a3b3);
    --paper: light-dark(#f6f8fa, #10151c); --card: light-dark(#fff, #18202a); --line: light-dark(#dfe5ec, #2a3441);
    --mark: light-dark(#fff1c2, #4a3d12); --accent: light-dark(#0a6d8c, #5cc4e4) }
  body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif }
  main { max-width: 60rem; margin: 0 auto; padding: 1.5rem 1rem 3rem }
  header { display: flex; align-items: baseline; justify-content: space-between; gap: 1rem }
  h1 { font-size: 1.5rem; margin: 0 } h2 { font-size: 1rem; margin: 2rem 0 .5rem; color: var(--soft) }
  #worker { margin: 0; color: var(--accent) }
  .figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); gap: .75rem; margin-top: 1rem }
  .figures div, ol, .scroll, ul { background: var(--card); border: 1px solid var(--line); border-radius: .6rem }
  .figures div { padding: .75rem 1rem } .figures b { display: block; font-size: 1.6rem; font-variant-numeric: tabular-nums }
  .figures span, small { color: var(--soft); font-size: .85rem }
  ol, ul { list-style: none; margin: 0; padding: 0 }
  ol li { display: grid; grid-template-columns: 2rem 1fr auto; gap: .5rem; padding: .5rem 1rem; border-top: 1px solid var(--line) }
  ol li:first-child { border-top: 0 } ol li.changed { animation: changed 1.5s }
  ul { display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; padding: .75rem 1rem }
  .scroll { overflow-x: auto } table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums }
  th, td { text-align: right; padding: .4rem 1rem; white-space: nowrap } th { color: var(--soft); font-weight: 500 }
  th:first-child, td:first-child { text-align: left } tbody tr { border-top: 1px solid var(--line) }
  :focus-visible { outline: 2px solid var(--accent) }
  @keyframes changed { from { background: var(--mark) } }
  @media (prefers-reduced-motion: reduce) { ol li.changed { animation: none; background: var(--mark) } }
`

const SCRIPT = `
  const byId = (id) => document.getElementById(id)
  const ms = (value) => (value === null ? '–' : value + ' ms')
  const element = (name, ...children) => { const made = document.createElement(name); made.append(...children); return made }
  let before = new Map()
  async function refresh() {
    try {
      const status = await (await fetch('status.json')).json()
      byId('worker').textContent = 'worker ' + status.worker
      byId('writes').textContent = status.writesPerSecond
      byId('reads').textContent = status.readsPerSecond
      byId('lag').textContent = ms(status.lagMs.p50)
      byId('lag95').textContent = ms(status.lagMs.p95)
      byId('feed').replaceChildren(...status.top.map((row, i) => {
        const counts = row.upvote_count + ' up · ' + row.comment_count + ' comments · ' + row.badge_count + ' badges'
        const item = element('li', element('small', String(i + 1)), element('span', row.title + ' ', element('small', 'by ' + row.username)), element('small', counts))
        if (before.size > 0 && before.get(row.id) !== row.trending_score) item.className = 'changed'
        return item
      }))
      before = new Map(status.top.map((row) => [row.id, row.trending_score]))
      byId('models').replaceChildren(...status.models.map((it) => element('tr', ...[it.name, it.drains, it.units, it.rowsChanged, it.pending, ms(it.lastDrainMs)].map((value) => element('td', String(value))))))
      byId('actions').replaceChildren(...Object.entries(status.writes).map(([name, count]) => element('li', name + ' ', element('small', String(count)))))
    } catch {
      byId('worker').textContent = 'the application has stopped'
    }
    setTimeout(refresh, 1000)
  }
  refresh()
`
