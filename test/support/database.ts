import { randomBytes } from 'node:crypto'
import { inject } from 'vitest'
import { connect, withConnection, type Connection } from '../../src/pg/client.ts'
import { atEndOfFile } from './clean-up.ts'
import { PASSWORD, ROLES, TEMPLATE, type Role } from './roles.ts'
import { inDatabase } from './server.ts'

export interface TestDatabase {
  readonly name: string
  url(role: Role | 'superuser'): string
  /** Opens a connection that is closed when the test file ends. */
  connect(role: Role | 'superuser'): Promise<Connection>
  drop(): Promise<void>
}

/** Of the test file that runs. */
const made: TestDatabase[] = []

atEndOfFile(async () => {
  for (const database of made.splice(0)) await database.drop()
})

export interface TestDatabaseOptions {
  /** The one that all test files share, if absent. Databases on another go with that server. */
  readonly serverUrl?: string | undefined
  /** Another database to copy, as a restored dump would be; nobody may be connected to it then. */
  readonly template?: string
  /** Not dropped at the end of the file, but with the server: for files that come later. */
  readonly isKept?: boolean
}

/** Makes a database from the template, about 40 ms. It is dropped at the end of the file. */
export async function createTestDatabase(
  schema = '',
  { serverUrl = inject('serverUrl'), template = TEMPLATE, isKept = false }: TestDatabaseOptions = {},
): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`
  await withConnection({ url: serverUrl }, async (client) => {
    await client.query(`create database ${name} template ${template}`)
    const roles = Object.values(ROLES).join(', ')
    // Rights on a database are not copied from its template.
    await client.query(`revoke all on database ${name} from public`)
    await client.query(`grant connect on database ${name} to ${roles}`)
    await client.query(`grant create, temporary on database ${name} to ${ROLES.owner}`)
  })

  const open: Connection[] = []
  const database: TestDatabase = {
    name,
    url: (role) => urlFor(serverUrl, name, role),
    async connect(role) {
      const client = await connect({ url: urlFor(serverUrl, name, role), name: `test ${role}` })
      open.push(client)
      return client
    },
    async drop() {
      await Promise.all(open.map((client) => client.end().catch(() => undefined)))
      await withConnection({ url: serverUrl }, async (client) => {
        await client.query(`drop database if exists ${name} with (force)`)
      })
    },
  }
  if (serverUrl === inject('serverUrl') && !isKept) made.push(database)

  if (schema !== '') {
    await withConnection({ url: database.url('application') }, async (client) => {
      await client.query(schema)
    })
  }
  return database
}

function urlFor(serverUrl: string, database: string, role: Role | 'superuser'): string {
  const url = new URL(inDatabase(serverUrl, database))
  if (role === 'superuser') return url.href
  url.username = ROLES[role]
  url.password = PASSWORD
  return url.href
}
