/** One line of the plan's closing checklist. */
export interface Tick {
  /** The heading that it stands under in the plan. */
  readonly part: string
  readonly what: string
  readonly expected: string
  readonly found: string
  readonly ok: boolean
  /** How long it took; reported, and never a reason to fail. */
  readonly ms: number | null
}

/** Looks once. What is thrown is a line without its tick. */
export async function tick(
  part: string,
  what: string,
  expected: string,
  look: () => Promise<{ readonly found: string; readonly ok?: boolean; readonly ms?: number }>,
): Promise<Tick> {
  const startedAt = performance.now()
  const elapsed = () => Math.round((performance.now() - startedAt) * 10) / 10
  try {
    const { found, ok = found === expected, ms = elapsed() } = await look()
    return { part, what, expected, found, ok, ms }
  } catch (error) {
    return {
      part,
      what,
      expected,
      found: error instanceof Error ? error.message : String(error),
      ok: false,
      ms: null,
    }
  }
}
