import { MillraceError } from '../errors.ts'
import { describe } from './describe.ts'
import { isRecord } from './is-record.ts'
import { suggest } from './suggest.ts'

const LINT_OPTIONS = ['keep', 'ignore']

/** What is wrong with `lint` of a configuration. */
export function lintProblems(lint: unknown): readonly MillraceError[] {
  if (lint === undefined) return []
  const hint = `Write lint: { keep: ['audit_log'], ignore: ['prefer-text-field'] }.`
  if (!isRecord(lint)) return [bad(`"lint" is ${describe(lint)}`, hint)]
  return Object.entries(lint).flatMap(([option, list]) => {
    if (!LINT_OPTIONS.includes(option))
      return [bad(`there is no option "lint.${option}"`, suggest(option, LINT_OPTIONS))]
    return list === undefined || isListOfNames(list)
      ? []
      : [bad(`"lint.${option}" is not a list of names`, hint)]
  })
}

/** What is wrong with `extensions`. */
export function extensionListProblems(extensions: unknown): readonly MillraceError[] {
  if (extensions === undefined || isListOfNames(extensions)) return []
  return [bad('"extensions" is not a list of names', `Write extensions: ['pg_trgm'].`)]
}

/** What is wrong with `settings`. */
export function settingListProblems(settings: unknown): readonly MillraceError[] {
  if (settings === undefined) return []
  const hint = `Write settings: { work_mem: '64MB' }.`
  if (!isRecord(settings)) return [bad(`"settings" is ${describe(settings)}`, hint)]
  return Object.entries(settings).flatMap(([name, value]) => {
    // Where it is written into SQL: the name of a setting, perhaps of an extension.
    if (!/^[a-z_]\w*(\.\w+)*$/i.test(name))
      return [bad(`"settings" has no name of a setting: "${name}"`, hint)]
    const isValue = ['string', 'number', 'boolean'].includes(typeof value)
    return isValue ? [] : [bad(`"settings.${name}" is ${describe(value)}`, hint)]
  })
}

function isListOfNames(list: unknown): boolean {
  return Array.isArray(list) && list.every((it) => typeof it === 'string' && it !== '')
}

function bad(detail: string, hint: string): MillraceError {
  return new MillraceError('BAD_CONFIG', { detail, hint })
}
