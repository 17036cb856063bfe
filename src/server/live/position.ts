import { createHash } from 'node:crypto'

/** Up to where somebody has all changes of a version of a read model. Given to clients, who bring it back after a pause. */
export function positionOf(cluster: string, version: string, horizon: bigint): string {
  return `${digestOf(cluster, version)}.${String(horizon)}`
}

/** The horizon of a position; undefined where it is of another version, or none: then everything is to be told. */
export function horizonAt(
  position: string | undefined,
  cluster: string,
  version: string,
): bigint | undefined {
  const [, digest, horizon] = /^([\w-]+)\.(\d{1,20})$/.exec(position ?? '') ?? []
  return digest === digestOf(cluster, version) && horizon !== undefined ? BigInt(horizon) : undefined
}

function digestOf(cluster: string, version: string): string {
  return createHash('sha256').update(`${cluster} ${version}`).digest('base64url').slice(0, 10)
}
