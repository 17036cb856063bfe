/** Which projects are voted for. */
export interface Scenario {
  readonly name: string
  readonly title: string
  /** `random`: from 0 up to 1. */
  readonly projectOf: (random: () => number) => number
}
