import { Command, InvalidArgumentError } from 'commander'
import { wholeNumber } from '../src/cli/number-option.ts'
import { bare } from './peers/bare.ts'
import type { Peer } from './peers/peer.ts'
import { SCENARIOS } from './scenarios/all.ts'
import type { Scenario } from './scenarios/scenario.ts'
import { SUBJECTS } from './subjects/all.ts'
import type { Subject } from './subjects/subject.ts'

export interface Options extends Given {
  readonly against: Peer
  readonly peers: readonly Peer[]
}

/** What stands for itself; peers are read when the subject is known. */
interface Given {
  readonly subject: Subject
  readonly scenarios: readonly Scenario[]
  readonly clients: readonly number[]
  readonly readers: number
  readonly pairs: number
  readonly seconds: number
  readonly json: boolean
}

export function readOptions(args: readonly string[]): Options {
  const command = newCommand().parse(args, { from: 'user' })
  const { against, peers, ...given } = command.opts<Given & { against: string; peers?: string }>()
  const all = [bare, ...given.subject.peers]
  try {
    const held = oneOf(all)(against)
    const others = given.subject.peers.filter((it) => it !== held)
    return { ...given, against: held, peers: peers === undefined ? others : someOf(all)(peers) }
  } catch (error) {
    if (error instanceof InvalidArgumentError) command.error(`error: ${error.message}`)
    throw error
  }
}

function newCommand(): Command {
  return new Command('bench')
    .description('Measures what it costs writers to keep a read model beside the tables they write to.')
    .option('--subject <name>', `of ${namesOf(SUBJECTS)}`, oneOf(SUBJECTS), SUBJECTS[0])
    .option('--peers <names>', `of the subject's: ${subjectsPeers()}; all`)
    .option('--against <name>', 'the peer that each is held against', 'bare')
    .option('--scenarios <names>', `of ${namesOf(SCENARIOS)}`, someOf(SCENARIOS), SCENARIOS)
    .option('--clients <numbers>', 'how many writers at once', numbers, [1, 16])
    .option('--readers <n>', 'how many read exactly meanwhile', wholeNumber(0), 0)
    .option('--pairs <n>', 'pairs of runs for each case', wholeNumber(1), 7)
    .option('--seconds <n>', 'length of a run', wholeNumber(1), 20)
    .option('--json', 'one JSON document on stdout instead of a table', false)
    .addHelpText('after', EXAMPLES)
    .configureHelp({ optionDescription: (option) => option.description })
}

const EXAMPLES = `
DATABASE_URL names a server on which a database can be made.

Examples:
  DATABASE_URL=postgres://localhost/postgres npm run bench -- --pairs 3 --seconds 2 --peers capture
  DATABASE_URL=postgres://localhost/postgres npm run bench -- --peers immediate --against statement-trigger`

interface Named {
  readonly name: string
}

function subjectsPeers(): string {
  return SUBJECTS.map(({ name, peers }) => `${namesOf(peers)} (${name})`).join('; ')
}

function namesOf(all: readonly Named[]): string {
  return all.map(({ name }) => name).join(', ')
}

function oneOf<T extends Named>(all: readonly T[]): (text: string) => T {
  return (text) => {
    const found = all.find(({ name }) => name === text.trim())
    if (found === undefined) throw new InvalidArgumentError(`"${text}" is not one of ${namesOf(all)}.`)
    return found
  }
}

function someOf<T extends Named>(all: readonly T[]): (text: string) => readonly T[] {
  return (text) => text.split(',').map(oneOf(all))
}

function numbers(text: string): readonly number[] {
  return text.split(',').map((part) => wholeNumber(1, 1_000)(part.trim()))
}
