/** A span of time for a reader: `8 s`, `5 min`, `3 h`, `2 days`. */
export function inWords(ms: number): string {
  const seconds = Math.round(ms / 1_000)
  if (seconds < 120) return `${String(seconds)} s`
  if (seconds < 7_200) return `${String(Math.round(seconds / 60))} min`
  if (seconds < 172_800) return `${String(Math.round(seconds / 3_600))} h`
  return `${String(Math.round(seconds / 86_400))} days`
}
