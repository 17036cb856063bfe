import { withConnection } from '../src/pg/client.ts'
import { readMachine } from './load/machine.ts'
import { inOwnDatabase } from './load/own-database.ts'
import { runCase, type Case, type CaseResult } from './load/run-case.ts'
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

async function measure(url: string, { pairs, seconds, ...chosen }: Options): Promise<Report> {
  const { machine, skipped } = await withConnection({ url }, async (client) => ({
    machine: await readMachine(client),
    skipped: await obstaclesOf(chosen.peers, (peer) => peer.obstacle?.(client)),
  }))
  const peers = chosen.peers.filter(({ name }) => !skipped.some(({ peer }) => peer === name))

  const results: CaseResult[] = []
  for (const it of cases({ ...chosen, peers })) {
    const label = `${it.scenario.title}, clients: ${String(it.clients)}, ${it.peer.title}`
    const onPair: Parameters<typeof runCase>[1]['onPair'] = (number, { bare, kept }) => {
      const ratio = (kept.perSecond / bare).toFixed(2)
      tell(
        `${label}: pair ${String(number)} of ${String(pairs)}: ${bare.toFixed(0)} → ${kept.perSecond.toFixed(0)}/s (${ratio})`,
      )
    }
    results.push(await runCase(it, { url, seconds, pairs, onPair }))
  }
  return { machine, pairs, seconds, results, skipped }
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

function cases({
  scenarios,
  clients,
  peers,
}: Pick<Options, 'scenarios' | 'clients' | 'peers'>): readonly Case[] {
  return scenarios.flatMap((scenario) =>
    clients.flatMap((count) => peers.map((peer) => ({ scenario, clients: count, peer }))),
  )
}

function tell(line: string): void {
  process.stderr.write(`${line}\n`)
}
