import { spawnSync } from 'node:child_process'

/** The account that the server runs under: PostgreSQL refuses to run as root. */
export interface Account {
  readonly uid: number | undefined
  readonly gid: number | undefined
}

/** Ourselves, or `nobody` for root. */
export function serverAccount(): Account {
  if (process.getuid?.() !== 0) return { uid: undefined, gid: undefined }
  return { uid: idOf('-u') ?? 65534, gid: idOf('-g') ?? 65534 }
}

function idOf(flag: '-u' | '-g'): number | undefined {
  const result = spawnSync('id', [flag, 'nobody'], { encoding: 'utf8' })
  const id = Number.parseInt(result.stdout, 10)
  return result.status === 0 && Number.isFinite(id) ? id : undefined
}

/** True if the account can enter the folder. */
export function canEnter(folder: string, { uid, gid }: Account): boolean {
  if (uid === undefined || gid === undefined) return true
  return spawnSync('/bin/sh', ['-c', 'cd "$0"', folder], { uid, gid, cwd: '/' }).status === 0
}
