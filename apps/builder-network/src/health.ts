import type pg from 'pg'

/**
 * What the administrators want to know, computed: healthy; behind: a change has waited for longer than the plan allows; drifted: the
 * last verification found rows that differ from the query; failing: a run failed in the last ten minutes, or the last
 * verification could not compare it.
 */
export type Status = 'healthy' | 'behind' | 'drifted' | 'failing'

export interface ReadModelHealth {
  readonly rows: number
  /** Small tables are counted; of a large one it is the server's estimate. */
  readonly rows_are: 'counted' | 'estimated'
  /** Changes and keys that wait for the worker. */
  readonly queue_depth: number
  /** Since the rows were last brought up to date; null: never. While nothing waits it does not mean that they are old. */
  readonly watermark_age_ms: number | null
  /** Of the last verification: rows that differ; null: not verified yet, or not possible. */
  readonly drift: number | null
  readonly verified_at: string | null
  readonly error: string | null
  readonly recent_refreshes: readonly Refresh[]
  readonly status: Status
}

interface Refresh {
  readonly completed_at: string
  readonly duration_ms: number
  readonly row_count: number
  readonly triggered_by: string
  readonly status: string
}

interface Counted {
  readonly row_count: number
  readonly status: Status
}

/** The plan's envelope, and what stands behind it. */
export interface DenormalizationHealth {
  readonly status: Status
  readonly materialized_views: Readonly<Record<string, Counted>>
  readonly denormalized_tables: Readonly<Record<string, Counted>>
  readonly recent_refreshes: readonly {
    readonly view: string
    readonly completed_at: string
    readonly duration_ms: number
    readonly row_count: number
  }[]
  readonly read_models: Readonly<Record<string, ReadModelHealth>>
}

/** The plan promises that its pages are five seconds behind at most. */
const MOST_BEHIND_MS = 5_000
/** Tables up to this size are counted. */
const COUNTED_BYTES = 16 * 1024 * 1024

/** The objects of the plan, with the read models that they are made of. Leaderboards show the first thousand. */
const VIEWS = {
  mv_feed_projects: ['mv_feed_projects'],
  mv_leaderboard_projects: ['project_ranks'],
  mv_leaderboard_builders: ['builder_ranks'],
  mv_chains_discovery: ['mv_chains_discovery'],
  mv_chain_posts: ['mv_chain_posts'],
  mv_investors_directory: ['mv_investors_directory'],
  mv_project_details: ['mv_project_details'],
  mv_search_index: ['mv_search_index'],
} as const
const TABLES = {
  user_dashboard_stats: ['user_activity_stats', 'intro_request_stats', 'unread_counts'],
  message_conversations_denorm: ['message_conversations_denorm'],
  intro_request_stats: ['intro_request_stats'],
} as const
const ON_A_LEADERBOARD = 1_000

interface Found {
  readonly name: string
  readonly state: string
  readonly bytes: number
  readonly estimated_rows: number
  readonly waiting: number
  readonly age_ms: number | null
  readonly late_ms: number | null
  readonly is_failing: boolean
  readonly is_unverified: boolean
  readonly error: string | null
  readonly drift: number | null
  readonly verified_at: string | null
  readonly recent_refreshes: readonly Refresh[]
}

/** Three statements, whatever the size of the data. The client may be of the application's role. */
export async function readHealth(client: Pick<pg.ClientBase, 'query'>): Promise<DenormalizationHealth> {
  const { rows: found } = await client.query<Found>(READ_MODELS)
  const counts = await countSmall(client, found)
  const { rows: recent } = await client.query<DenormalizationHealth['recent_refreshes'][number]>(RECENT)
  const models = Object.fromEntries(found.map((it) => [it.name, healthOf(it, counts.get(it.name))]))
  return {
    status: worst(Object.values(models)),
    materialized_views: summarize(VIEWS, models),
    denormalized_tables: summarize(TABLES, models),
    recent_refreshes: recent,
    read_models: models,
  }
}

const READ_MODELS = `
  select name, state, bytes::float8, estimated_rows::float8, waiting::float8, is_failing, is_unverified, error, drift::float8,
         to_json(verified_at) #>> '{}' as verified_at,
         extract(epoch from clock_timestamp() - reached_at)::float8 * 1000 as age_ms,
         extract(epoch from clock_timestamp() - refresh_due_at)::float8 * 1000 as late_ms,
         recent_refreshes
  from read_model_health
  order by name`

/** The ten latest that are done. */
const RECENT = `
  select view_name as view, to_json(refresh_completed_at) #>> '{}' as completed_at, duration_ms::float8,
         row_count::float8
  from mv_refresh_log
  where status = 'completed'
  order by refresh_completed_at desc
  limit 10`

async function countSmall(
  client: Pick<pg.ClientBase, 'query'>,
  found: readonly Found[],
): Promise<ReadonlyMap<string, number>> {
  const small = found.filter(({ bytes, state }) => bytes <= COUNTED_BYTES && state === 'ready')
  if (small.length === 0) return new Map()
  // The names are those of this application's own declarations.
  const counts = small.map(
    ({ name }) => `select '${name}' as name, (select count(*) from ${name})::float8 as rows`,
  )
  const { rows } = await client.query<{ name: string; rows: number }>(counts.join(' union all '))
  return new Map(rows.map((it) => [it.name, it.rows]))
}

function healthOf(found: Found, counted: number | undefined): ReadModelHealth {
  return {
    rows: counted ?? found.estimated_rows,
    rows_are: counted === undefined ? 'estimated' : 'counted',
    queue_depth: found.waiting,
    watermark_age_ms: found.age_ms,
    drift: found.drift,
    verified_at: found.verified_at,
    error: found.error,
    recent_refreshes: found.recent_refreshes,
    status: statusOf(found),
  }
}

function statusOf({ state, waiting, age_ms, late_ms, is_failing, is_unverified, drift }: Found): Status {
  if (is_failing || is_unverified) return 'failing'
  if (drift !== null && drift > 0) return 'drifted'
  const isWaitedFor = waiting > 0 && (age_ms === null || age_ms > MOST_BEHIND_MS)
  const isLate = late_ms !== null && late_ms > MOST_BEHIND_MS
  return state !== 'ready' || isWaitedFor || isLate ? 'behind' : 'healthy'
}

function summarize(
  objects: Readonly<Record<string, readonly string[]>>,
  models: Readonly<Record<string, ReadModelHealth>>,
): Readonly<Record<string, Counted>> {
  return Object.fromEntries(
    Object.entries(objects).map(([name, parts]) => {
      const found = parts.flatMap((part) => models[part] ?? [])
      const rows = found[0]?.rows ?? 0
      const shown = name.startsWith('mv_leaderboard_') ? Math.min(rows, ON_A_LEADERBOARD) : rows
      return [name, { row_count: shown, status: found.length < parts.length ? 'failing' : worst(found) }]
    }),
  )
}

const ORDER: readonly Status[] = ['failing', 'drifted', 'behind', 'healthy']

function worst(of: readonly { readonly status: Status }[]): Status {
  return ORDER.find((status) => of.some((it) => it.status === status)) ?? 'failing'
}
