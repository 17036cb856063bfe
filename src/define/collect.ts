import { MillraceError } from '../errors.ts'
import type { Declaration } from './config.ts'
import { describe } from './describe.ts'
import { isRecord } from './is-record.ts'

export interface Collected {
  readonly declarations: readonly Declaration[]
  readonly problems: readonly MillraceError[]
}

/**
 * Finds the declarations in `define`: in lists and modules, nested. What a list holds was meant to be declared, so
 * anything else there is a problem; a module may export other things as well, but at least one declaration.
 */
export function collect(define: unknown): Collected {
  const hint = `Write: import * as models from './models', and define: [models].`
  if (!Array.isArray(define)) {
    const detail =
      define === undefined ? '"define" is missing' : `"define" is ${describe(define)} and not a list`
    return { declarations: [], problems: [new MillraceError('BAD_CONFIG', { detail, hint })] }
  }

  const declarations = new Set<Declaration>()
  const problems: MillraceError[] = []
  const collectList = (list: readonly unknown[], place: string): void => {
    list.forEach((entry, i) => {
      const at = `${place}[${String(i)}]`
      if (Array.isArray(entry)) {
        collectList(entry, at)
        return
      }
      const found = declarationsIn(entry, new Set())
      found.forEach((it) => declarations.add(it))
      if (found.length === 0)
        problems.push(new MillraceError('BAD_CONFIG', { detail: `${at} ${emptiness(entry)}`, hint }))
    })
  }
  collectList(define, 'define')
  return { declarations: [...declarations], problems }
}

function emptiness(entry: unknown): string {
  return isRecord(entry) ? 'holds no declaration' : `is ${describe(entry)} and not a declaration`
}

/** Goes into lists, modules and plain objects only: other objects, such as a database handle, are nobody's declarations. */
function declarationsIn(value: unknown, seen: Set<unknown>): readonly Declaration[] {
  if (isDeclaration(value)) return [value]
  if (!isContainer(value) || seen.has(value)) return []
  seen.add(value)
  return Object.values(value).flatMap((it) => declarationsIn(it, seen))
}

const KINDS: readonly unknown[] = [
  'readModel',
  'job',
  'sqlObject',
  'touchUpdatedAt',
] satisfies readonly Declaration['kind'][]

function isDeclaration(value: unknown): value is Declaration {
  return isRecord(value) && KINDS.includes(value['kind']) && 'declaredAt' in value
}

function isContainer(value: unknown): value is object {
  if (Array.isArray(value)) return true
  if (!isRecord(value)) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype
}
