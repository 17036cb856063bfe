import { Command } from 'commander'
import { prune } from '../../migrate/prune.ts'
import { displayName } from '../../sql/names.ts'
import { inUse } from '../../work/model.ts'
import { installedVersions, pickModel } from '../installed-models.ts'
import { withOwner } from '../open-database.ts'
import type { Run } from '../session.ts'

/** `millrace migrate prune`: versions that nobody reads. */
export function pruneCommand(run: Run): Command {
  return new Command('prune')
    .description(
      'Removes the versions of read models that are not in use: there is no way back to them then.',
    )
    .argument('[model...]', 'their names; all of them if none is given')
    .addHelpText('after', '\nExample:\n  millrace migrate prune feed_projects')
    .action((names: readonly string[]) =>
      run('migrate prune', async (session) => {
        const config = await session.loadConfig()
        const pruned = await withOwner(session, config, async (client) => {
          const versions = await installedVersions(client)
          const used = inUse(versions)
          const picked = names.map((name) => pickModel(used, name))
          const versionsOfPicked = versions.filter(
            (it) =>
              !used.includes(it) &&
              (names.length === 0 || picked.some((one) => displayName(one) === displayName(it))),
          )
          const gone = await prune(client, versionsOfPicked, { signal: session.signal })
          return gone.map((it) => ({ model: displayName(it), version: it.plan.version }))
        })
        session.output.result({ pruned }, (it, style) =>
          it.pruned.length === 0
            ? 'Nothing to do: every version is in use.'
            : it.pruned
                .map(({ model, version }) => `${style.good('pruned')}  ${model}, version ${String(version)}`)
                .join('\n'),
        )
        return 0
      }),
    )
}
