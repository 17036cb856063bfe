import { isRecord } from '../../define/is-record.ts'

/** A node of a script's tree (ESTree as Babel has it), with its place in the text. */
export interface Syntax extends Readonly<Record<string, unknown>> {
  readonly type: string
  readonly start: number
  readonly end: number
}

/** A comment of a script. */
export interface ScriptComment {
  /** Without its marks. */
  readonly value: string
  readonly start: number
}

export type Tree =
  | { readonly kind: 'tree'; readonly root: Syntax; readonly comments: readonly ScriptComment[] }
  | { readonly kind: 'problem'; readonly message: string; readonly at: number }

/** Reads JavaScript or TypeScript, as a module or not. The parser is loaded when it is needed. */
export async function parseScript(text: string, file: string): Promise<Tree> {
  const { parse } = await import('@babel/parser')
  const isTyped = /\.[cm]?ts$/.test(file)
  try {
    const { program, comments } = parse(text, {
      sourceType: 'unambiguous',
      allowReturnOutsideFunction: true,
      plugins: isTyped ? ['typescript', 'decorators'] : ['jsx'],
    })
    if (!isSyntax(program)) throw new Error('the parser returned no tree')
    return { kind: 'tree', root: program, comments: (comments ?? []).flatMap(commentOf) }
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    const at = 'pos' in error && typeof error.pos === 'number' ? error.pos : 0
    return { kind: 'problem', message: error.message.replace(/ \(\d+:\d+\)$/, ''), at }
  }
}

function commentOf({ value, start }: { readonly value: string; readonly start?: number | null }) {
  return typeof start === 'number' ? [{ value, start }] : []
}

/** Every node in the order of the text, with those above it, the nearest first; the nodes below one for which it returns false are left out. */
export function walk(
  node: Syntax,
  visit: (node: Syntax, above: readonly Syntax[]) => boolean,
  above: readonly Syntax[] = [],
): void {
  if (!visit(node, above)) return
  for (const child of childrenOf(node)) walk(child, visit, [node, ...above])
}

function childrenOf(node: Syntax): readonly Syntax[] {
  return Object.entries(node)
    .flatMap(([name, value]) => (COMMENTS.includes(name) ? [] : [value].flat()))
    .filter(isSyntax)
    .sort((a, b) => a.start - b.start)
}

const COMMENTS = ['leadingComments', 'trailingComments', 'innerComments', 'loc', 'extra']

function isSyntax(value: unknown): value is Syntax {
  return isRecord(value) && typeof value['type'] === 'string' && typeof value['start'] === 'number'
}

export function isType(value: unknown, ...types: readonly string[]): value is Syntax {
  return isSyntax(value) && types.includes(value.type)
}

/** The name of an identifier, or of the member that is asked for: `raw` of `knex.schema.raw`. */
export function nameOf(value: unknown): string | undefined {
  if (isType(value, 'Identifier')) return typeof value['name'] === 'string' ? value['name'] : undefined
  if (isType(value, 'MemberExpression', 'OptionalMemberExpression')) return nameOf(value['property'])
  return undefined
}

export function listOf(value: unknown): readonly Syntax[] {
  return Array.isArray(value) ? value.filter(isSyntax) : []
}
