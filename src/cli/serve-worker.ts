import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { InvalidArgumentError } from 'commander'
import type { RunningWorker } from '../embed/start-worker.ts'
import { createHandler } from '../server/handler.ts'
import { toNodeListener } from '../server/node.ts'

/** Where a server listens. */
export interface Address {
  readonly host: string
  readonly port: number
}

/** Reads `9464` or `0.0.0.0:9464` from the command line. */
export function address(text: string): Address {
  const [, host = '127.0.0.1', digits = ''] = /^(?:(.+):)?(\d{1,5})$/.exec(text) ?? []
  const port = Number(digits)
  if (digits === '' || port > 65_535)
    throw new InvalidArgumentError('It must be a port, or a host and a port: 0.0.0.0:9464.')
  return { host: host.replace(/^\[(.*)\]$/, '$1'), port }
}

/** Serves health and metrics of a worker until it is closed. Fails where the port is taken: then nobody would look. */
export async function serveWorker(
  worker: RunningWorker,
  database: string,
  { host, port }: Address,
): Promise<{ readonly url: string; readonly close: () => void }> {
  const handler = createHandler({ database }, { worker })
  const listen = toNodeListener(handler.fetch)
  const server = createServer((incoming, outgoing) => void listen(incoming, outgoing))
  server.listen(port, host)
  try {
    await once(server, 'listening')
  } catch (error) {
    await worker.stop()
    throw error
  }
  const { port: own } = server.address() as AddressInfo
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${String(own)}`,
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}
