import { setTimeout } from 'node:timers/promises'
import { Agent, request } from 'undici'
import type { Random } from '../random.ts'
import { CATEGORIES } from '../words.ts'
import type { Session } from './sessions.ts'

/** What connections that are held were told. */
export interface LiveFigures {
  readonly connections: number
  /** Updates of all of them together, since the last `measure`. */
  readonly updates: number
  /** How often one broke off, or was refused. */
  readonly lost: number
}

export interface LiveConnections {
  /** Each of them has been answered, or refused, once. */
  readonly begun: Promise<void>
  readonly figures: () => LiveFigures
  /** Forgets what was before. */
  readonly measure: () => void
  readonly close: () => Promise<void>
}

interface State {
  connections: number
  updates: number
  lost: number
  isClosed: boolean
}

/** As long as browsers wait that were told `retry: 1000`. */
const AGAIN_MS = 1_000

/** Sessions that have the feed open, each on a connection of its own, and come back when they lose it. */
export function holdLive(origin: string, sessions: readonly Session[], random: Random): LiveConnections {
  const state: State = { connections: 0, updates: 0, lost: 0, isClosed: false }
  // A stream may say nothing for long.
  const agent = new Agent({ bodyTimeout: 0, headersTimeout: 0 })
  const held = sessions.map((session) => {
    let holding = Promise.resolve()
    const begun = new Promise<void>((begin) => {
      holding = hold(`${origin}${addressOf(random)}`, session, { agent, state, begin })
    })
    return { begun, holding }
  })
  return {
    begun: Promise.all(held.map(({ begun }) => begun)).then(() => undefined),
    figures: () => ({ connections: state.connections, updates: state.updates, lost: state.lost }),
    measure: () => {
      Object.assign(state, { updates: 0, lost: 0 })
    },
    close: async () => {
      state.isClosed = true
      await agent.destroy()
      await Promise.all(held.map(({ holding }) => holding))
    },
  }
}

interface Holding {
  readonly agent: Agent
  readonly state: State
  readonly begin: () => void
}

async function hold(address: string, { token }: Session, { agent, state, begin }: Holding): Promise<void> {
  const headers = { cookie: `session=${token}`, accept: 'text/event-stream' }
  while (!state.isClosed) {
    await follow(address, { headers, dispatcher: agent }, { state, begin }).catch(() => undefined)
    begin()
    // Closed by us: it was not lost.
    if (isClosed(state)) return
    state.lost += 1
    await setTimeout(AGAIN_MS)
  }
}

/** Returns, or fails, when the connection has ended. */
async function follow(
  address: string,
  options: NonNullable<Parameters<typeof request>[1]>,
  { state, begin }: Pick<Holding, 'state' | 'begin'>,
): Promise<void> {
  const { statusCode, body } = await request(address, options)
  if (statusCode !== 200) {
    await body.dump()
    return
  }
  state.connections += 1
  begin()
  try {
    // An event is a line of data; one that comes in two pieces counts with the first.
    for await (const piece of body) state.updates += (String(piece).match(/^data:/gm) ?? []).length
  } finally {
    state.connections -= 1
  }
}

/** The lists that people leave open, as the feed's own page asks for them. */
function addressOf(random: Random): string {
  const choice = random.below(10)
  const page =
    choice < 8
      ? { orderBy: [choice < 6 ? 'trending_score desc' : 'created_at desc'], n: 10 }
      : { orderBy: ['trending_score desc'], where: { category: random.pick(CATEGORIES) }, n: 10 }
  return `/live/changes?follow=${encodeURIComponent(JSON.stringify([{ model: 'mv_feed_projects', page }]))}`
}

/** Read anew: it changes while we wait. */
function isClosed(state: State): boolean {
  return state.isClosed
}
