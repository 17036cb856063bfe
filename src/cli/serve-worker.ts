import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { InvalidArgumentError } from 'commander'
import type { RunningWorker } from '../embed/start-worker.ts'
import { createHandler } from '../server/handler.ts'
import { toNodeListener } from '../server/node.ts'
import { cannotListen } from './cannot-listen.ts'

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

export interface WorkerServer {
  readonly url: string
  readonly serve: (worker: RunningWorker, database: string) => void
  readonly close: () => void
}

/** Listens, and then serves health and metrics of a worker until it is closed. Before the worker: nobody would look at one that cannot be served. */
export async function listenForWorker({ host, port }: Address): Promise<WorkerServer> {
  const server = createServer()
  server.listen(port, host)
  try {
    await once(server, 'listening')
  } catch (error) {
    throw cannotListen(error as NodeJS.ErrnoException, { host, port })
  }
  const { port: own } = server.address() as AddressInfo
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${String(own)}`,
    serve: (worker, database) => {
      const listen = toNodeListener(createHandler({ database }, { worker }).fetch)
      server.on('request', (incoming, outgoing) => void listen(incoming, outgoing))
    },
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}
