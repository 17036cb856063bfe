import { availableParallelism, cpus } from 'node:os'
import type { Client } from '../../src/pg/client.ts'

/** What a result depends on beside the code. */
export interface Machine {
  readonly cores: number
  readonly processor: string
  readonly node: string
  readonly server: Readonly<Record<string, string>>
}

export async function readMachine(client: Client): Promise<Machine> {
  const rows = await client.query<{ name: string; setting: string }>(`
    select name, current_setting(name) as setting
    from pg_settings
    where name in ('server_version', 'fsync', 'synchronous_commit', 'shared_buffers', 'wal_level', 'wal_sync_method')
    order by name`)
  return {
    cores: availableParallelism(),
    processor: cpus()[0]?.model ?? 'unknown',
    node: process.version,
    server: Object.fromEntries(rows.map(({ name, setting }) => [name, setting])),
  }
}
