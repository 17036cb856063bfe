/**
 * A node of PostgreSQL's own tree of an analysed query (`pg_rewrite.ev_action`), in the format of outfuncs.c:
 * `{OPEXPR :opno 96 :args ({VAR …} {CONST …}) …}`. It names every function by oid, which neither `pg_depend` (silent on
 * pinned objects) nor the printed text does.
 */
export interface TreeNode {
  readonly type: string
  readonly fields: ReadonlyMap<string, readonly TreeValue[]>
}

export type TreeValue = string | TreeNode | readonly TreeValue[]

export function parseNodeTree(text: string): readonly TreeValue[] {
  const tokens = tokenize(text)
  let at = 0
  return readValues(() => false)

  function readValues(isEnd: (token: string) => boolean): readonly TreeValue[] {
    const values: TreeValue[] = []
    for (let token = tokens[at]; token !== undefined && !isEnd(token); token = tokens[at]) {
      at += 1
      values.push(token === '{' ? readNode() : token === '(' ? readList() : token)
    }
    return values
  }

  function readList(): readonly TreeValue[] {
    const values = readValues((token) => token === ')')
    at += 1
    return values
  }

  function readNode(): TreeNode {
    const type = tokens[at] ?? ''
    at += 1
    const fields = new Map<string, readonly TreeValue[]>()
    while (at < tokens.length && tokens[at] !== '}') {
      const name = (tokens[at] ?? '').slice(1)
      at += 1
      fields.set(
        name,
        readValues((token) => token === '}' || token.startsWith(':')),
      )
    }
    at += 1
    return { type, fields }
  }
}

/** Visits every node of the tree, outermost first. */
export function* nodesOf(values: readonly TreeValue[]): Generator<TreeNode> {
  for (const value of values) {
    if (typeof value === 'string') continue
    if (isNode(value)) {
      yield value
      for (const field of value.fields.values()) yield* nodesOf(field)
    } else {
      yield* nodesOf(value)
    }
  }
}

export function isNode(value: TreeValue): value is TreeNode {
  return typeof value === 'object' && 'type' in value
}

/** The whole number in a field; 0 where the node has no such field. */
export function numberField(node: TreeNode, name: string): number {
  const [value] = node.fields.get(name) ?? []
  return typeof value === 'string' ? Number(value) : 0
}

/** The nodes directly in a field, through one level of list. */
export function nodeField(node: TreeNode, name: string): readonly TreeNode[] {
  return (node.fields.get(name) ?? []).flatMap((value) =>
    typeof value === 'string'
      ? []
      : isNode(value)
        ? [value]
        : value.filter((it) => typeof it !== 'string').filter(isNode),
  )
}

/** A token ends at white space or a bracket; a backslash takes the next character as it is. */
function tokenize(text: string): readonly string[] {
  const tokens: string[] = []
  let token = ''
  for (let i = 0; i < text.length; i += 1) {
    const character = text.charAt(i)
    if (character === '\\') {
      i += 1
      token += text.charAt(i)
    } else if (' \n\t(){}'.includes(character)) {
      if (token !== '') tokens.push(token)
      token = ''
      if ('(){}'.includes(character)) tokens.push(character)
    } else {
      token += character
    }
  }
  return token === '' ? tokens : [...tokens, token]
}
