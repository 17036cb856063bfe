import { readerGrants } from '../../src/migrate/roles.sql.ts'
import type { InstalledModel } from '../../src/work/model.ts'
import type { TestDatabase } from '../support/database.ts'
import { ROLES } from '../support/roles.ts'

/** Writers also read strictly, in their own transactions; and nobody waits long for a deadlock to be told. */
export async function prepare(database: TestDatabase, models: readonly InstalledModel[]): Promise<void> {
  const owner = await database.connect('owner')
  await owner.query(`grant execute on function millrace.cluster() to ${ROLES.writer}`)
  for (const { plan } of models) {
    for (const grant of readerGrants(plan, ROLES.writer)) await owner.query(grant)
  }
  const superuser = await database.connect('superuser')
  for (const setting of [
    `${ROLES.writer} in database ${database.name} set deadlock_timeout = '30ms'`,
    `${ROLES.worker} in database ${database.name} set deadlock_timeout = '200ms'`,
    `${ROLES.worker} in database ${database.name} set synchronous_commit = off`,
  ])
    await superuser.query(`alter role ${setting}`)
}
