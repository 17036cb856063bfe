import { schemaFiles } from '../catalog/schema-files.ts'
import type { Config } from '../define/resolve-config.ts'
import { compileDeclared } from '../migrate/compile-declared.ts'
import type { Snapshot } from '../migrate/files/snapshot.ts'
import { stateOf, type State } from '../migrate/files/state.ts'
import { withRefreshed } from '../migrate/read-installed.ts'
import { extensionsOf, findServerChanges, type ServerChanges } from '../migrate/server/server.ts'
import type { Client } from '../pg/client.ts'

/** What migrations that have led to a state are to lead to next, and what none of them can do. */
export async function wantedState(
  client: Client,
  config: Config,
  { models, scheduled, migrations }: Snapshot,
): Promise<{ readonly to: State; readonly asked: ServerChanges['asked'] }> {
  const server = await findServerChanges(client, config)
  const prepare = extensionsOf(server)
  // The first one may be of a database that was installed directly: it describes the versions which that has.
  const compared = migrations.length === 0 ? undefined : withRefreshed(models, scheduled)
  const declared = await compileDeclared(client, { ...config, prepare, compared })
  const wanted = { extensions: config.extensions, settings: server.owners }
  return { to: stateOf(declared, (await schemaFiles()).length, wanted), asked: server.asked }
}
