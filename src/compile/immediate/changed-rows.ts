import type { Analysis } from '../../analyze/analysis.ts'
import { sql, type Sql } from '../../sql/sql.ts'
import { SIGN } from '../fold/fold-deltas.ts'
import { images, occurrenceOf } from '../resolve.ts'
import { presentRootRows, rootImages, type RootRows } from './root-rows.ts'
import { signedImages, type RowEvent } from '../capture/transition.ts'
import { ownChanges } from '../window.ts'

/** Where the rows are that somebody adds to a read model. */
export interface ChangedRows {
  /** A SELECT of what changed for an occurrence: these columns, and `millrace_sign`, -1 for what went and 1 for what came. */
  readonly signed: (alias: string, columns: readonly string[]) => Sql
  /** A SELECT of the root's changed rows: all that it shows, and `millrace_came`, false for keys that are gone. */
  readonly ofRoot: (root: RootRows) => Sql
  /** Something may have been taken away. */
  readonly mayTake: boolean
}

/** A statement's rows, in the trigger that it fires. */
export function statementRows(event: RowEvent): ChangedRows {
  return {
    signed: (_, columns) => signedImages(event, columns, SIGN),
    ofRoot: (root) => rootImages(root, event),
    mayTake: event !== 'insert',
  }
}

/** What a transaction has queued, when it commits. */
export function queuedRows(analysis: Analysis): ChangedRows {
  const signed = (alias: string, columns: readonly string[]) => {
    const occurrence = occurrenceOf(analysis, alias)
    return images(occurrence, columns, sql`(${ownChanges(occurrence.relation)}) as own`, SIGN)
  }
  return {
    signed,
    ofRoot: (root) => presentRootRows(root, signed(root.root.alias, root.key)),
    mayTake: true,
  }
}
