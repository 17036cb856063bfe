/** Answers that are the same for whoever asks, kept for a moment. */
export interface SharedAnswers {
  /** The answer of this name: of a read that began a moment ago, or of `read`. */
  readonly of: Give
  /** The answer of `read`, begun now: for who has just written. */
  readonly anew: Give
}

type Give = <T>(name: string, read: () => Promise<T>) => Promise<Given<T>>

interface Given<T> {
  readonly answer: T
  /** How long ago its read began; 0: it was begun for whoever asks. */
  readonly ageMs: number
}

/** The same for a page, which leaves it to others to say how old it is. */
export type Share = <T>(name: string, read: () => Promise<T>) => Promise<T>

/** Names come from outside. */
const MOST = 500

interface Kept {
  readonly answer: Promise<unknown>
  /** When it was asked for. */
  readonly at: number
}

/** What hundreds ask for at once is asked for once. `keptMs`: how old an answer may be, from when its read began. */
export function shareAnswers(keptMs: number, now = () => performance.now()): SharedAnswers {
  const kept = new Map<string, Kept>()
  const begin = async <T>(name: string, read: () => Promise<T>): Promise<Given<T>> => {
    const begun = { answer: read(), at: now() }
    // The last one stands last, so that the oldest are those that go.
    kept.delete(name)
    kept.set(name, begun)
    for (const first of kept.keys()) {
      if (kept.size <= MOST) break
      kept.delete(first)
    }
    try {
      return { answer: await begun.answer, ageMs: 0 }
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
      return { answer, ageMs: now() - found.at }
    },
    anew: begin,
  }
}
