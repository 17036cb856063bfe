import { findTable, type Known } from './known.ts'
import type { Named } from './relations.ts'
import { wordsOf } from './words.ts'

/** Words for what somebody owes, owns or was paid. */
const RECORDS = new Set([
  'balance', 'balances', 'billing', 'charge', 'charges', 'credit', 'credits', 'invoice', 'invoices', 'ledger', 'ledgers',
  'payment', 'payments', 'payout', 'payouts', 'refund', 'refunds', 'transaction', 'transactions', 'wallet', 'wallets',
]) // prettier-ignore

const AMOUNTS = new Set(['amount', 'balance', 'cost', 'credit', 'debit', 'fee', 'price', 'revenue', 'total'])
const NUMBERS = new Set(['numeric', 'money', 'int8', 'bigint', 'int4', 'integer', 'float8'])

/**
 * Why a table is taken for one that holds money; undefined: it is not. By what the user declared, else by its name, else by a
 * numeric column that is called an amount.
 */
export function moneyIn(table: Named, keep: readonly string[], known: Known): string | undefined {
  const { name } = table
  if (keep.some((it) => it === name || it === `${table.schema ?? 'public'}.${name}` || isPartOf(name, it)))
    return 'declared in lint.keep'
  const words = wordsOf(name)
  const record = words.find((it) => RECORDS.has(it))
  if (record !== undefined && !words.includes('archive')) return `its name says ${record}`
  const columns = findTable(known, table)?.columns ?? new Map<string, { readonly name: string }>()
  const amount = [...columns].find(
    ([column, type]) => NUMBERS.has(type.name) && AMOUNTS.has(wordsOf(column).at(-1) ?? ''),
  )
  return amount === undefined ? undefined : `by its column "${amount[0]}"`
}

/** A partition is called like its table: payments_2024_01. */
function isPartOf(name: string, table: string): boolean {
  return name.startsWith(`${table.split('.').at(-1) ?? table}_`)
}
