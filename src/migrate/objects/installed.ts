import type { Client } from '../../pg/client.ts'

/** An object of the user's as it stands in the database. */
export interface InstalledObject {
  readonly name: string
  readonly up: string
  readonly down: string
  readonly dependsOn: readonly string[]
  /** It was made when the read models stood, since it reads one of them or needs what does. */
  readonly afterModels: boolean
  /** Of two the one that was made later has the higher. */
  readonly n: number
}

/** In the order in which they were made. */
export async function readObjects(client: Client): Promise<readonly InstalledObject[]> {
  // Where Millrace is not installed, or its schema is older than they are, there are none.
  const [found] = await client.query<{ exists: boolean }>(
    `select to_regclass('millrace.object') is not null as exists`,
  )
  if (found?.exists !== true) return []
  return await client.query<InstalledObject & object>(`
    select name, up, down, depends_on as "dependsOn", after_models as "afterModels", n::int
    from millrace.object
    order by n`)
}
