import { capture } from './capture.ts'
import type { Peer } from './peer.ts'
import { pgIvm } from './pg-ivm.ts'
import { refresh } from './refresh.ts'
import { rowTrigger } from './row-trigger.ts'
import { statementTrigger } from './statement-trigger.ts'

/** Everything that is measured against the bare table, in the order of the report. */
export const PEERS: readonly Peer[] = [capture, rowTrigger, statementTrigger, refresh, pgIvm]
