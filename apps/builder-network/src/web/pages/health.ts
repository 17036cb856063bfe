import { z } from 'zod'
import { readHealth, type ReadModelHealth } from '../../health.ts'
import { ago } from '../html/ago.ts'
import { html, type Html } from '../html/html.ts'
import { page } from '../page.ts'

const status = z.enum(['healthy', 'behind', 'drifted', 'failing'])
const counted = z.record(z.string(), z.object({ row_count: z.number(), status }))
const refresh = { completed_at: z.string(), duration_ms: z.number(), row_count: z.number() }

const readModel = z.object({
  rows: z.number(),
  rows_are: z.enum(['counted', 'estimated']),
  queue_depth: z.number(),
  watermark_age_ms: z.number().nullable(),
  drift: z.number().nullable(),
  verified_at: z.string().nullable(),
  error: z.string().nullable(),
  recent_refreshes: z
    .array(z.object({ ...refresh, triggered_by: z.string(), status: z.string() }))
    .readonly(),
  status,
})

/** For people and for the API; what the plan's own route answers, in the plan's envelope, is denormalization-health.ts. */
export const health = page({
  path: '/admin/health',
  feature: null,
  summary: 'How every read model is: rows, queue, drift, refreshes',
  freshness: 'real-time',
  access: 'admin',
  params: z.object({}),
  query: z.object({}),
  data: z.object({
    status,
    materialized_views: counted,
    denormalized_tables: counted,
    recent_refreshes: z.array(z.object({ view: z.string(), ...refresh })).readonly(),
    read_models: z.record(z.string(), readModel),
  }),
  models: [],
  read: async ({ store }) => await readHealth(store.pool),
  title: () => 'Health',
  view: (it) =>
    html`<div class="head">
        <h1>Health of the read models</h1>
        <span class="status" data-status="${it.status}">${it.status}</span>
      </div>
      <p class="lead">
        What waits for the worker, how old it is, and what the verification of the last night found. Programs
        read the same at
        <a href="/admin/denormalization-health" hx-boost="false">/admin/denormalization-health</a>.
      </p>
      ${table(it.read_models)}`,
})

function table(models: Readonly<Record<string, ReadModelHealth>>): Html {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Read models">
    <table>
      <thead>
        <tr>
          <th scope="col">Read model</th>
          <th scope="col">Status</th>
          <th scope="col" class="number">Rows</th>
          <th scope="col" class="number">Waiting</th>
          <th scope="col" class="number">Drift</th>
          <th scope="col">Verified</th>
          <th scope="col">Last refresh</th>
        </tr>
      </thead>
      <tbody>
        ${Object.entries(models).map(([name, it]) => row(name, it))}
      </tbody>
    </table>
  </div>`
}

function row(name: string, it: ReadModelHealth): Html {
  const last = it.recent_refreshes[0]
  return html`<tr>
    <th scope="row">${name}</th>
    <td><span class="status" data-status="${it.status}">${it.status}</span></td>
    <td class="number">${it.rows_are === 'estimated' ? '~' : ''}${it.rows.toLocaleString('en-US')}</td>
    <td class="number">${it.queue_depth}</td>
    <td class="number">${it.drift ?? '–'}</td>
    <td class="muted">${it.verified_at === null ? 'not yet' : ago(it.verified_at)}</td>
    <td class="muted">${last === undefined ? '–' : html`${ago(last.completed_at)}, ${last.triggered_by}`}</td>
  </tr>`
}
