import type { InstalledModel } from '../../work/model.ts'
import type { Scheduled } from '../../work/schedule/installed.ts'
import { refreshJobName } from '../../sql/names.ts'
import type { InstalledObject } from '../objects/installed.ts'
import type { CompiledDeclarations } from '../compile-declared.ts'
import type { ServerWishes } from '../server/server.ts'

/** What a database has when migrations have been run, and what they have begun was finished. */
export interface State {
  /** Of Millrace's own schema; 0: there is none. */
  readonly schemaVersion: number
  readonly models: readonly InstalledModel[]
  readonly scheduled: readonly Scheduled[]
  /** Of the user's own, in the order in which they are made. */
  readonly objects: readonly InstalledObject[]
  /** In which statements of the user's look names up; null: as the connection says. */
  readonly searchPath: readonly string[] | null
  /** What a migration can do of what is wanted of the server. */
  readonly server: ServerWishes
}

export const NOTHING_WANTED: ServerWishes = { extensions: [], settings: {} }

/** The state in which a database has what is declared. `schemaVersion`: this program's. */
export function stateOf(
  declared: CompiledDeclarations,
  schemaVersion: number,
  server: ServerWishes = NOTHING_WANTED,
): State {
  const { models, schedule } = declared
  const kept = models.map(({ definition, plan }) => ({ ...installed(definition, plan), plan }))
  const refreshed = schedule.refreshed.map(({ definition, plan }): Scheduled => ({
    kind: 'refresh',
    name: refreshJobName(plan.model),
    ...definition.schedule,
    model: { ...installed(definition, plan), plan },
  }))
  const jobs = schedule.jobs.map(({ name, statement, schedule: times }): Scheduled => ({
    kind: 'statement',
    name,
    statement,
    searchPath: schedule.searchPath ?? null,
    ...times,
  }))
  const scheduled = [...refreshed, ...jobs]
  const objects = declared.objects.map(({ name, up, down, dependsOn, afterModels }, n) => {
    return { name, up, down, dependsOn, afterModels, n }
  })
  const isEmpty = kept.length + scheduled.length + objects.length === 0
  return {
    schemaVersion: isEmpty ? 0 : schemaVersion,
    models: kept,
    scheduled,
    objects,
    searchPath: schedule.searchPath ?? null,
    server,
  }
}

function installed(
  { schema, name, query }: { readonly schema: string; readonly name: string; readonly query: string },
  { storage }: { readonly storage: { readonly name: string } },
) {
  return { storage: storage.name, schema, name, state: 'ready' as const, definition: query }
}

/** A state as declarations that ask for it, so that the way back to it is found as every other way. */
export function declarationsOf({ models, scheduled, objects, searchPath }: State): CompiledDeclarations {
  return {
    objects: objects.map((it) => ({ ...it, file: undefined })),
    models: models.map(({ schema, name, definition, plan }) => ({
      definition: { schema, name, key: plan.key, query: definition, indexes: [] },
      plan,
    })),
    schedule: {
      searchPath: searchPath ?? undefined,
      refreshed: scheduled.flatMap((it) => {
        if (it.kind !== 'refresh') return []
        const { schema, name, definition, plan } = it.model
        return [
          {
            definition: {
              schema,
              name,
              key: plan.key,
              query: definition,
              indexes: [],
              schedule: timesOf(it),
            },
            plan,
          },
        ]
      }),
      jobs: scheduled.flatMap((it) =>
        it.kind === 'statement'
          ? [{ name: it.name, statement: it.statement, schedule: timesOf(it), file: undefined }]
          : [],
      ),
    },
  }
}

function timesOf({ every, timeZone, timeoutMs }: Scheduled) {
  return { every, timeZone, timeoutMs }
}
