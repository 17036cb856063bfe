import type { Client } from '../pg/client.ts'
import type { Call, FunctionBody } from './catalog.ts'
import { BODY, FUNCTIONS, TYPES } from './calls.sql.ts'
import { nodeField, nodesOf, numberField, parseNodeTree, type TreeNode } from './node-tree.ts'

/** Lists what queries call, with the overloads that the server chose. A tree is `pg_rewrite.ev_action`. */
export async function readCalls(
  client: Client,
  trees: readonly string[],
  /** Of what the bodies of functions call, the bodies are of no interest. */
  { withBodies = true } = {},
): Promise<readonly Call[]> {
  const found = trees.flatMap((tree) => [...nodesOf(parseNodeTree(tree))].flatMap(callIn))

  const functionOids = [...new Set(found.map((it) => it.functionOid).filter((oid) => oid !== 0))]
  const typeOids = [
    ...new Set(
      found.flatMap((it) => [...it.argumentTypes, it.resultType, it.returns]).filter((oid) => oid !== 0),
    ),
  ]
  const functions = await client.query<FunctionRow>(FUNCTIONS, [functionOids])
  const types = await client.query<TypeRow>(TYPES, [typeOids])

  const bodies = withBodies ? await readBodies(client, functions) : new Map<number, FunctionBody>()
  return counted(
    found.map((it) => ({ ...describe(it, functions, types), body: bodies.get(it.functionOid) ?? null })),
  )
}

async function readBodies(
  client: Client,
  functions: readonly FunctionRow[],
): Promise<ReadonlyMap<number, FunctionBody>> {
  const bodies = new Map<number, FunctionBody>()
  for (const { oid, body } of functions) {
    if (body === null) continue
    const [found] = await client.query<{ reads: FunctionBody['reads']; trees: readonly string[] }>(BODY, [
      oid,
    ])
    const calls = await readCalls(client, found?.trees ?? [], { withBodies: false })
    bodies.set(oid, { ...body, reads: found?.reads ?? [], calls })
  }
  return bodies
}

interface FunctionRow {
  readonly oid: number
  readonly name: string
  readonly signature: string
  readonly builtin: boolean
  readonly volatility: string
  readonly kind: string
  readonly returnsSet: boolean
  readonly operators: readonly string[]
  readonly body: Pick<FunctionBody, 'kind' | 'pinsSearchPath'> | null
}

interface TypeRow {
  readonly oid: number
  readonly name: string
  readonly settingTypes: readonly string[]
}

interface Found {
  readonly kind: Call['kind']
  readonly functionOid: number
  readonly argumentTypes: readonly number[]
  /** Of a cast: what it prints or reads. */
  readonly resultType: number
  readonly returns: number
  readonly name: string
}

/** The nodes that call a function, by the field that holds its oid. */
const CALLING: Readonly<Record<string, readonly [field: string, kind: Call['kind']]>> = {
  FUNCEXPR: ['funcid', 'function'],
  OPEXPR: ['opfuncid', 'function'],
  DISTINCTEXPR: ['opfuncid', 'function'],
  NULLIFEXPR: ['opfuncid', 'function'],
  SCALARARRAYOPEXPR: ['opfuncid', 'function'],
  AGGREF: ['aggfnoid', 'aggregate'],
  WINDOWFUNC: ['winfnoid', 'window'],
}

/** `SQLValueFunctionOp` of primnodes.h, in order: the same from 15 to 18. */
const VALUE_FUNCTIONS = [
  'current_date',
  'current_time',
  'current_time',
  'current_timestamp',
  'current_timestamp',
  'localtime',
  'localtime',
  'localtimestamp',
  'localtimestamp',
  'current_role',
  'current_user',
  'user',
  'session_user',
  'current_catalog',
  'current_schema',
]

function callIn(node: TreeNode): readonly Found[] {
  const calling = CALLING[node.type]
  if (calling !== undefined) {
    const [field, kind] = calling
    return [
      {
        kind,
        functionOid: numberField(node, field),
        argumentTypes: argumentTypes(node),
        resultType: 0,
        returns: typeOf(node),
        name: '',
      },
    ]
  }
  // A frame of so many days or hours is measured by functions of its own.
  if (node.type === 'WINDOWCLAUSE') {
    return ['startInRangeFunc', 'endInRangeFunc']
      .map((field) => numberField(node, field))
      .filter((oid) => oid !== 0)
      .map((functionOid) => ({
        kind: 'function',
        functionOid,
        argumentTypes: [],
        resultType: 0,
        returns: 0,
        name: '',
      }))
  }
  if (node.type === 'COERCEVIAIO' || node.type === 'ARRAYCOERCEEXPR') {
    const resultType = numberField(node, 'resulttype')
    return [
      {
        kind: 'cast',
        functionOid: 0,
        argumentTypes: nodeField(node, 'arg').map(typeOf),
        resultType,
        returns: resultType,
        name: '',
      },
    ]
  }
  if (node.type === 'SQLVALUEFUNCTION') {
    const name = VALUE_FUNCTIONS[numberField(node, 'op')] ?? 'current_user'
    return [{ kind: 'value-function', functionOid: 0, argumentTypes: [], resultType: 0, returns: 0, name }]
  }
  return []
}

function argumentTypes(node: TreeNode): readonly number[] {
  return nodeField(node, 'args').flatMap((argument) =>
    argument.type === 'TARGETENTRY' ? nodeField(argument, 'expr').map(typeOf) : [typeOf(argument)],
  )
}

const TYPE_FIELDS = [
  'vartype',
  'consttype',
  'paramtype',
  'funcresulttype',
  'opresulttype',
  'resulttype',
  'casetype',
  'coalescetype',
  'minmaxtype',
  'aggtype',
  'wintype',
  'array_typeid',
  'row_typeid',
  'refrestype',
  'type',
]

/** The oid of an expression's type; 0 (unknown) for the few nodes that do not say, such as a boolean or a sublink. */
function typeOf(node: TreeNode): number {
  const field = TYPE_FIELDS.find((name) => node.fields.has(name))
  return field === undefined ? 0 : numberField(node, field)
}

function describe(
  found: Found,
  functions: readonly FunctionRow[],
  types: readonly TypeRow[],
): Omit<Call, 'count'> {
  const ofTypes = (oids: readonly number[]) => oids.flatMap((oid) => types.filter((it) => it.oid === oid))
  const settingTypes = ofTypes([...found.argumentTypes, found.resultType]).flatMap((it) => it.settingTypes)
  const argumentNames = ofTypes(found.argumentTypes).map((it) => it.name)
  const shared = {
    kind: found.kind,
    returnsSet: false,
    operators: [],
    argumentTypes: argumentNames,
    settingTypes: [...new Set(settingTypes)],
    body: null,
    resultType: ofTypes([found.returns])[0]?.name ?? 'unknown',
  }

  if (found.kind === 'cast') {
    const target = ofTypes([found.resultType])[0]?.name ?? 'unknown'
    const signature = `cast from ${argumentNames.join(', ')} to ${target}`
    return {
      ...shared,
      name: target,
      signature,
      builtin: true,
      volatility: settingTypes.length > 0 ? 's' : 'i',
    }
  }
  if (found.kind === 'value-function') {
    return { ...shared, name: found.name, signature: found.name, builtin: true, volatility: 's' }
  }

  const called = functions.find((it) => it.oid === found.functionOid)
  if (called === undefined) throw new Error(`function ${String(found.functionOid)} is not in pg_proc`)
  return {
    ...shared,
    name: called.name,
    signature: called.signature,
    builtin: called.builtin,
    volatility: readsZone(called, argumentNames) ? 's' : called.volatility,
    returnsSet: called.returnsSet,
    operators: called.operators,
  }
}

/** PostgreSQL has it as immutable; but how many months and days lie between two moments depends on where one is. */
function readsZone({ name, builtin }: FunctionRow, argumentNames: readonly string[]): boolean {
  return builtin && name === 'age' && argumentNames.includes('timestamp with time zone')
}

function counted(calls: readonly Omit<Call, 'count'>[]): readonly Call[] {
  const found = new Map<string, Call>()
  for (const call of calls) {
    const text = JSON.stringify(call)
    found.set(text, { ...call, count: (found.get(text)?.count ?? 0) + 1 })
  }
  return [...found.values()]
}
