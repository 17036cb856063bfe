import { Command, InvalidArgumentError } from 'commander'
import { wholeNumber } from '../src/cli/number-option.ts'
import { PEERS } from './peers/all.ts'
import type { Peer } from './peers/peer.ts'
import { SCENARIOS } from './scenarios/all.ts'
import type { Scenario } from './scenarios/scenario.ts'

export interface Options {
  readonly pairs: number
  readonly seconds: number
  readonly peers: readonly Peer[]
  readonly scenarios: readonly Scenario[]
  readonly clients: readonly number[]
  readonly json: boolean
}

export function readOptions(args: readonly string[]): Options {
  return new Command('bench')
    .description(
      'Measures what it costs writers to keep counters beside a table of votes, against bare inserts.',
    )
    .option('--pairs <n>', 'pairs of runs for each case', wholeNumber(1), 7)
    .option('--seconds <n>', 'length of a run', wholeNumber(1), 20)
    .option('--peers <names>', `of ${namesOf(PEERS)}`, choice(PEERS), PEERS)
    .option('--scenarios <names>', `of ${namesOf(SCENARIOS)}`, choice(SCENARIOS), SCENARIOS)
    .option('--clients <numbers>', 'how many writers at once', numbers, [1, 16])
    .option('--json', 'one JSON document on stdout instead of a table', false)
    .addHelpText(
      'after',
      '\nDATABASE_URL names a server on which a database can be made.' +
        '\n\nExample:\n  DATABASE_URL=postgres://localhost/postgres npm run bench -- --pairs 3 --seconds 2 --peers capture',
    )
    .configureHelp({ optionDescription: (option) => option.description })
    .parse(args, { from: 'user' })
    .opts<Options>()
}

interface Named {
  readonly name: string
}

function namesOf(all: readonly Named[]): string {
  return all.map(({ name }) => name).join(', ')
}

function choice<T extends Named>(all: readonly T[]): (text: string) => readonly T[] {
  return (text) =>
    text.split(',').map((name) => {
      const found = all.find((it) => it.name === name.trim())
      if (found === undefined) throw new InvalidArgumentError(`It must be some of ${namesOf(all)}.`)
      return found
    })
}

function numbers(text: string): readonly number[] {
  return text.split(',').map((part) => wholeNumber(1, 1_000)(part.trim()))
}
