import type { RelationName } from '../compile/plan.ts'

/** `feed_projects` → `FeedProjects`; with its schema where that is not `public`. */
export function pascalCase({ schema, name }: RelationName): string {
  const words = [...(schema === 'public' || schema === '' ? [] : [schema]), name]
    .join('_')
    .split(/[^\p{L}\p{N}]+/u)
    .filter((it) => it !== '')
  const joined = words.map((it) => it.slice(0, 1).toUpperCase() + it.slice(1)).join('')
  return /^\p{L}/u.test(joined) ? joined : `T${joined}`
}

/** `feed_projects` → `feedProjects`. */
export function camelCase(name: RelationName): string {
  const pascal = pascalCase(name)
  return pascal.slice(0, 1).toLowerCase() + pascal.slice(1)
}

/** A member of an object type. */
export function member(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : quoted(name)
}

/** A literal of JavaScript. */
export function quoted(text: string): string {
  return `'${JSON.stringify(text)
    .slice(1, -1)
    .replaceAll('\\"', '"')
    .replaceAll("'", String.raw`\'`)}'`
}
