import { withConnection } from '../src/pg/client.ts'
import { readMachine } from './load/machine.ts'
import { inOwnDatabase } from './load/own-database.ts'
import { runCase, type Case, type CaseResult, type Pair } from './load/run-case.ts'
import { readOptions, type Options } from './options.ts'
import type { Peer } from './peers/peer.ts'
import type { Report } from './report/report.ts'
import { renderTable } from './report/table.ts'

const options = readOptions(process.argv.slice(2))
const serverUrl = process.env['DATABASE_URL']
if (serverUrl === undefined) {
  console.error(
    'DATABASE_URL must name a server on which a database can be made. Nothing else on it is touched.',
  )
  process.exit(1)
}
const report = await inOwnDatabase(serverUrl, (url) => measure(url, options))
process.stdout.write(options.json ? `${JSON.stringify(report, null, 2)}\n` : renderTable(report))

async function measure(url: string, options: Options): Promise<Report> {
  const { subject, against, pairs, seconds, readers } = options
  const { machine, skipped } = await withConnection({ url }, async (client) => ({
    machine: await readMachine(client),
    skipped: await obstaclesOf([against, ...options.peers], (peer) => peer.obstacle?.(client)),
  }))
  if (skipped.some(({ peer }) => peer === against.name)) throw new Error('nothing to hold the others against')

  const peers = options.peers.filter(({ name }) => !skipped.some(({ peer }) => peer === name))

  const results: CaseResult[] = []
  for (const it of cases({ ...options, peers })) {
    const label = `${it.scenario.title}, clients: ${String(it.clients)}, ${it.peer.title}`
    const onPair = (number: number, pair: Pair): void => {
      tell(`${label}: pair ${String(number)} of ${String(pairs)}: ${inWords(pair)}`)
    }
    results.push(await runCase(it, { url, seconds, readers, pairs, onPair }))
  }
  return { machine, subject: subject.title, against: against.title, pairs, seconds, results, skipped }
}

function inWords({ against, kept }: Pair): string {
  const ratio = (kept.perSecond / against.perSecond).toFixed(2)
  return `${against.perSecond.toFixed(0)} → ${kept.perSecond.toFixed(0)}/s (${ratio})`
}

async function obstaclesOf(
  peers: readonly Peer[],
  obstacleOf: (peer: Peer) => Promise<string | undefined> | undefined,
): Promise<Report['skipped']> {
  const skipped: { peer: string; reason: string }[] = []
  for (const peer of peers) {
    const reason = await obstacleOf(peer)
    if (reason === undefined) continue
    tell(`${peer.title} is skipped: ${reason}`)
    skipped.push({ peer: peer.name, reason })
  }
  return skipped
}

function cases({ subject, scenarios, clients, peers, against }: Options): readonly Case[] {
  return scenarios.flatMap((scenario) =>
    clients.flatMap((count) => peers.map((peer) => ({ subject, scenario, clients: count, peer, against }))),
  )
}

function tell(line: string): void {
  process.stderr.write(`${line}\n`)
}
