import { suggest } from '../define/suggest.ts'
import { MillraceError } from '../errors.ts'
import { requireSchema } from '../catalog/schema-version.ts'
import type { Client } from '../pg/client.ts'
import { readAllPlans, readModels, type InstalledModel, type InstalledPlan } from '../work/model.ts'

/** All versions of all installed read models: those too that nobody has a name for. */
export async function installedVersions(client: Client): Promise<readonly InstalledPlan[]> {
  await requireSchema(client)
  return await readAllPlans(client)
}

/** The installed read models of these names (`feed` or `public.feed`), in their order; all of them where none is named. */
export async function installedModels(
  client: Client,
  names: readonly string[] = [],
): Promise<readonly InstalledModel[]> {
  await requireSchema(client)
  const models = await readModels(client)
  return names.length === 0 ? models : names.map((name) => pickModel(models, name))
}

/** The one that is called so; a bare name may be in any schema, as long as it is in one only. */
export function pickModel<T extends { readonly schema: string; readonly name: string }>(
  models: readonly T[],
  name: string,
): T {
  const [found, other] = models.filter((it) => it.name === name || `${it.schema}.${it.name}` === name)
  if (found !== undefined && other === undefined) return found
  if (found !== undefined) {
    const detail = `"${name}" is in more than one schema`
    throw new MillraceError('MODEL_UNKNOWN', { detail, hint: `Write ${found.schema}.${name}.` })
  }
  const known = models.map((it) => it.name)
  throw new MillraceError('MODEL_UNKNOWN', { detail: `"${name}"`, hint: suggest(name, known) })
}
