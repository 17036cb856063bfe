import { namesOf } from '../analyze/ast/nodes.ts'
import type { Node, TypeName } from '../sql/parse.ts'
import { dottedName, isSame, nameOf, type Named } from './relations.ts'

export interface ColumnType {
  /** As in pg_type: `timestamptz`, `varchar`, `int4`; of an array that of its elements. */
  readonly name: string
  readonly isArray: boolean
  /** `varchar(80)`: 80. */
  readonly length: number | null
}

/** What is known of a table, view or materialized view. */
export interface KnownTable extends Named {
  readonly kind: 'table' | 'view' | 'materialized view'
  /** Empty where none is known. */
  readonly columns: ReadonlyMap<string, ColumnType>
  /** Columns of the partition key; null for a table that has no partitions. */
  readonly partitionedBy: readonly string[] | null
  readonly partitionOf: Named | null
  /** There is a unique index of plain columns over all rows. */
  readonly hasUniqueIndex: boolean
  /** The script that makes it; undefined: it stood before. */
  readonly madeIn: string | undefined
}

export type Volatility = 'immutable' | 'stable' | 'volatile'

export interface KnownFunction extends Named {
  readonly volatility: Volatility
}

export interface Known {
  readonly tables: readonly KnownTable[]
  readonly functions: readonly KnownFunction[]
}

export const NOTHING_KNOWN: Known = { tables: [], functions: [] }

export function findTable({ tables }: Pick<Known, 'tables'>, name: Named): KnownTable | undefined {
  return tables.find((it) => isSame(it, name))
}

/** What is known when a statement of `file` has run. */
export function afterwards(known: Known, node: Node, file: string): Known {
  if ('CreateFunctionStmt' in node) {
    return { ...known, functions: [functionOf(node.CreateFunctionStmt), ...known.functions] }
  }
  return { ...known, tables: tablesAfter(known.tables, node, file) }
}

type Tables = readonly KnownTable[]

function tablesAfter(tables: Tables, node: Node, file: string): Tables {
  if ('CreateStmt' in node)
    return [...without(tables, nameOf(node.CreateStmt.relation)), tableOf(tables, node, file)]
  if ('CreateTableAsStmt' in node) {
    const { into, objtype } = node.CreateTableAsStmt
    const kind = objtype === 'OBJECT_MATVIEW' ? 'materialized view' : 'table'
    return [...tables, { ...plain(nameOf(into?.rel), kind), madeIn: file }]
  }
  if ('ViewStmt' in node) return [...tables, { ...plain(nameOf(node.ViewStmt.view), 'view'), madeIn: file }]
  if ('DropStmt' in node)
    return (node.DropStmt.objects ?? []).reduce((left, it) => without(left, dottedName(it)), tables)
  if ('RenameStmt' in node) return renamed(tables, node)
  if ('AlterTableStmt' in node) return altered(tables, node)
  if ('IndexStmt' in node) return indexed(tables, node)
  return tables
}

function plain(name: Named, kind: KnownTable['kind']): KnownTable {
  return {
    ...name,
    kind,
    columns: new Map(),
    partitionedBy: null,
    partitionOf: null,
    hasUniqueIndex: false,
    madeIn: undefined,
  }
}

function without(tables: Tables, name: Named): Tables {
  return tables.filter((it) => !isSame(it, name))
}

function change(tables: Tables, name: Named, edit: (table: KnownTable) => KnownTable): Tables {
  return tables.map((it) => (isSame(it, name) ? edit(it) : it))
}

function tableOf(tables: Tables, node: Extract<Node, { CreateStmt: unknown }>, file: string): KnownTable {
  const { relation, tableElts = [], partspec, inhRelations = [], partbound } = node.CreateStmt
  const [parent] = inhRelations
  const parentName = parent !== undefined && 'RangeVar' in parent ? nameOf(parent.RangeVar) : undefined
  const inherited = inhRelations.flatMap((it) =>
    'RangeVar' in it ? [...(findTable({ tables }, nameOf(it.RangeVar))?.columns ?? [])] : [],
  )
  const own = tableElts.flatMap((it): readonly (readonly [string, ColumnType])[] => {
    if ('ColumnDef' in it) return [[it.ColumnDef.colname ?? '', typeOf(it.ColumnDef.typeName)]]
    if (!('TableLikeClause' in it)) return []
    return [...(findTable({ tables }, nameOf(it.TableLikeClause.relation))?.columns ?? [])]
  })
  return {
    ...plain(nameOf(relation), 'table'),
    columns: new Map([...inherited, ...own]),
    partitionedBy:
      partspec === undefined
        ? null
        : (partspec.partParams ?? []).map((it) =>
            'PartitionElem' in it ? (it.PartitionElem.name ?? '') : '',
          ),
    partitionOf: partbound === undefined ? null : (parentName ?? null),
    madeIn: file,
  }
}

export function typeOf(type: TypeName | undefined): ColumnType {
  const [modifier] = type?.typmods ?? []
  const length =
    modifier !== undefined && 'A_Const' in modifier ? (modifier.A_Const.ival?.ival ?? null) : null
  return {
    name: (namesOf(type?.names).at(-1) ?? '').toLowerCase(),
    isArray: (type?.arrayBounds ?? []).length > 0,
    length,
  }
}

function renamed(tables: Tables, node: Extract<Node, { RenameStmt: unknown }>): Tables {
  const { renameType, relation, subname = '', newname = '' } = node.RenameStmt
  if (renameType === 'OBJECT_COLUMN') {
    return change(tables, nameOf(relation), (it) => ({
      ...it,
      columns: new Map([...it.columns].map(([name, type]) => [name === subname ? newname : name, type])),
    }))
  }
  const isTable = ['OBJECT_TABLE', 'OBJECT_VIEW', 'OBJECT_MATVIEW'].includes(renameType ?? '')
  return isTable ? change(tables, nameOf(relation), (it) => ({ ...it, name: newname })) : tables
}

function altered(tables: Tables, node: Extract<Node, { AlterTableStmt: unknown }>): Tables {
  const { relation, cmds = [] } = node.AlterTableStmt
  const name = nameOf(relation)
  return cmds.reduce((left: Tables, command) => {
    if (!('AlterTableCmd' in command)) return left
    const { subtype, name: column = '', def } = command.AlterTableCmd
    const edit = (change_: (columns: Map<string, ColumnType>) => void) =>
      change(left, name, (it) => {
        const columns = new Map(it.columns)
        change_(columns)
        return { ...it, columns }
      })
    if (subtype === 'AT_AddColumn' && def !== undefined && 'ColumnDef' in def)
      return edit((columns) => columns.set(def.ColumnDef.colname ?? '', typeOf(def.ColumnDef.typeName)))
    if (subtype === 'AT_AlterColumnType' && def !== undefined && 'ColumnDef' in def)
      return edit((columns) => columns.set(column, typeOf(def.ColumnDef.typeName)))
    if (subtype === 'AT_DropColumn') return edit((columns) => columns.delete(column))
    const isAttach = subtype === 'AT_AttachPartition'
    if ((isAttach || subtype === 'AT_DetachPartition') && def !== undefined && 'PartitionCmd' in def)
      return change(left, nameOf(def.PartitionCmd.name), (it) => ({
        ...it,
        partitionOf: isAttach ? name : null,
      }))
    return left
  }, tables)
}

function indexed(tables: Tables, node: Extract<Node, { IndexStmt: unknown }>): Tables {
  const { unique, relation, whereClause, indexParams = [] } = node.IndexStmt
  const isPlain = indexParams.every((it) => 'IndexElem' in it && it.IndexElem.name !== undefined)
  if (unique !== true || whereClause !== undefined || !isPlain) return tables
  return change(tables, nameOf(relation), (it) => ({ ...it, hasUniqueIndex: true }))
}

function functionOf(
  statement: Extract<Node, { CreateFunctionStmt: unknown }>['CreateFunctionStmt'],
): KnownFunction {
  const names = namesOf(statement.funcname)
  const option = (statement.options ?? []).find(
    (it) => 'DefElem' in it && it.DefElem.defname === 'volatility',
  )
  const arg = option !== undefined && 'DefElem' in option ? option.DefElem.arg : undefined
  const volatility = arg !== undefined && 'String' in arg ? arg.String.sval : undefined
  return {
    schema: names.at(-2),
    name: names.at(-1) ?? '',
    volatility: volatility === 'immutable' || volatility === 'stable' ? volatility : 'volatile',
  }
}
