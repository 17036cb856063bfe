/** Which keys are written to. */
export interface Scenario {
  readonly name: string
  readonly title: string
  /** One of the numbers from 1 up to `keys`. `random`: from 0 up to 1. */
  readonly keyOf: (keys: number, random: () => number) => number
}
