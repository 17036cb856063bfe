export interface Quartiles {
  readonly lower: number
  readonly median: number
  readonly upper: number
}

export interface Latency {
  readonly median: number
  /** 95 of 100 took no longer. */
  readonly p95: number
}

/** Median and quartiles, interpolated between neighbours. */
export function quartiles(numbers: readonly number[]): Quartiles {
  const sorted = [...numbers].sort((a, b) => a - b)
  return { lower: quantile(sorted, 0.25), median: quantile(sorted, 0.5), upper: quantile(sorted, 0.75) }
}

export function latency(numbers: readonly number[]): Latency {
  const sorted = [...numbers].sort((a, b) => a - b)
  return { median: quantile(sorted, 0.5), p95: quantile(sorted, 0.95) }
}

function quantile(sorted: readonly number[], share: number): number {
  const place = (sorted.length - 1) * share
  const below = sorted[Math.floor(place)]
  const above = sorted[Math.ceil(place)]
  if (below === undefined || above === undefined) throw new Error('no numbers, so no quantiles')
  return below + (above - below) * (place - Math.floor(place))
}
