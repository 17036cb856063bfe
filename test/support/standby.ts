import { chmod, chown, cp, mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { withConnection, type Client } from '../../src/pg/client.ts'
import { startEmbedded } from '../../src/pg/embedded/server.ts'
import { makeTemplate } from './server.ts'

/** Two servers: what is committed on the one is replayed by the other, which can be read. */
export interface Replicated {
  readonly primaryUrl: string
  readonly standbyUrl: string
  /** Stops the replay where it is. */
  hold(): Promise<void>
  /** Lets it go on, and waits until all that is on the primary now has been replayed. */
  catchUp(): Promise<void>
  end(): Promise<void>
}

/** Makes a server and a physical standby of it, by a backup of its files. */
export async function startReplicated(): Promise<Replicated> {
  const directory = await mkdtemp(join(tmpdir(), 'millrace-standby-'))
  // The servers may run under another account, which must be able to enter.
  await chmod(directory, 0o755)
  const [first, second] = [join(directory, 'primary'), join(directory, 'standby')]
  const primary = await startEmbedded({ directory: first })
  await makeTemplate(primary.url)
  await copyServer(primary.url, first, second)
  const standby = await startEmbedded({ directory: second })
  const on = <T>(url: string, use: (client: Client) => Promise<T>) => withConnection({ url }, use)

  return {
    primaryUrl: primary.url,
    standbyUrl: standby.url,
    async hold() {
      await on(standby.url, async (client) => {
        await client.query('select pg_wal_replay_pause()')
        await until(client, `pg_get_wal_replay_pause_state() = 'paused'`)
      })
    },
    async catchUp() {
      const [row] = await on(primary.url, (client) =>
        client.query<{ lsn: string }>('select pg_current_wal_flush_lsn()::text as lsn'),
      )
      await on(standby.url, async (client) => {
        await client.query('select pg_wal_replay_resume()')
        await until(client, `pg_last_wal_replay_lsn() >= '${row?.lsn ?? ''}'`)
      })
    },
    async end() {
      await standby.stop()
      await primary.stop()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

async function copyServer(url: string, from: string, to: string): Promise<void> {
  const data = join(to, 'data')
  const { uid, gid } = await stat(join(from, 'data'))
  await mkdir(to)
  const add = async (name: string, text: string) => {
    await writeFile(join(data, name), text)
    await chown(join(data, name), uid, gid)
  }
  await withConnection({ url }, async (client) => {
    await client.query(`select pg_backup_start('standby', true)`)
    await cp(join(from, 'data'), data, { recursive: true, filter: (name) => !/postmaster\.pid$/.test(name) })
    await chmod(data, 0o700)
    await giveTo(data, uid, gid)
    const [stopped] = await client.query<{ label: string }>(
      'select labelfile as label from pg_backup_stop(wait_for_archive => false)',
    )
    await add('backup_label', stopped?.label ?? '')
  })
  await cp(join(from, 'password'), join(to, 'password'))
  await add('standby.signal', '')
  await add('postgresql.auto.conf', `primary_conninfo = '${conninfoOf(url)}'\n`)
}

/** A copy is its maker's, and a server must own its files. */
async function giveTo(folder: string, uid: number, gid: number): Promise<void> {
  await chown(folder, uid, gid)
  for (const name of await readdir(folder, { recursive: true })) await chown(join(folder, name), uid, gid)
}

function conninfoOf(url: string): string {
  const { hostname, port, username, password } = new URL(url)
  return `host=${hostname} port=${port} user=${username} password=${password}`
}

async function until(client: Client, condition: string): Promise<void> {
  for (;;) {
    const [row] = await client.query<{ met: boolean }>(`select ${condition} as met`)
    if (row?.met === true) return
    await pause(5)
  }
}
