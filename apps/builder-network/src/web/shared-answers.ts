/** Answers that are the same for whoever asks, kept for a moment. */
export interface SharedAnswers {
  /** The answer of this name: of a read that began a moment ago, or of `read`. */
  readonly of: Share
  /** The answer of `read`, begun now: for who has just written. */
  readonly anew: Share
}

export type Share = <T>(name: string, read: () => Promise<T>) => Promise<T>

/** Names come from outside. */
const MOST = 500

interface Kept {
  readonly answer: Promise<unknown>
  /** When it was asked for. */
  readonly at: number
}

/**
 * What hundreds ask for at once is asked for once. `keptMs`: how old an answer may be, from when its read began; `onAge` is told how old the
 * one is that was given.
 */
export function shareAnswers(
  keptMs: number,
  onAge: (ms: number) => void = () => undefined,
  now = () => performance.now(),
): SharedAnswers {
  const kept = new Map<string, Kept>()
  const begin = async <T>(name: string, read: () => Promise<T>): Promise<T> => {
    const begun = { answer: read(), at: now() }
    // The last one stands last, so that the oldest are those that go.
    kept.delete(name)
    kept.set(name, begun)
    for (const first of kept.keys()) {
      if (kept.size <= MOST) break
      kept.delete(first)
    }
    try {
      return await begun.answer
    } catch (error) {
      if (kept.get(name) === begun) kept.delete(name)
      throw error
    }
  }
  return {
    of: async <T>(name: string, read: () => Promise<T>) => {
      const found = kept.get(name)
      if (found === undefined || now() - found.at >= keptMs) return await begin(name, read)
      // Of one name all reads are of one kind.
      const answer = (await found.answer) as T
      onAge(now() - found.at)
      return answer
    },
    anew: begin,
  }
}
