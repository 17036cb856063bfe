import { Command } from 'commander'
import { LOCK_RETRY } from '../../migrate/lock-retry.ts'
import { finish } from '../../migrate/finish.ts'
import { versionsBefore } from '../../migrate/versions-before.ts'
import { displayName } from '../../sql/names.ts'
import { installedVersions } from '../installed-models.ts'
import { withOwner } from '../open-database.ts'
import type { Run } from '../session.ts'

/** `millrace migrate back`: the versions that were in use before. */
export function backCommand(run: Run): Command {
  return new Command('back')
    .description('Gives readers the version before again, at once; the newer one stays until it is pruned.')
    .argument('[model...]', 'their names; all that have a version before if none is given')
    .addHelpText('after', '\nExample:\n  millrace migrate back feed_projects')
    .action((names: readonly string[]) =>
      run('migrate back', async (session) => {
        const config = await session.loadConfig()
        const { signal } = session
        const { worker, reader } = config.roles
        const restored = await withOwner(session, config, async (client) => {
          const versions = versionsBefore(await installedVersions(client), names)
          const storages = versions.map(({ storage }) => storage)
          await finish(client, storages, {
            roles: { worker, reader },
            retry: { ...LOCK_RETRY, signal },
            signal,
          })
          return versions.map((it) => ({ model: displayName(it), version: it.plan.version }))
        })
        session.output.result({ restored }, (it, style) =>
          it.restored.length === 0
            ? 'Nothing to do: no read model has a version before.'
            : it.restored
                .map(
                  ({ model, version }) => `${style.good('restored')}  ${model}, version ${String(version)}`,
                )
                .join('\n'),
        )
        return 0
      }),
    )
}
