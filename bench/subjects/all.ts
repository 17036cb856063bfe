import { inbox } from './inbox.ts'
import { newest } from './newest.ts'
import type { Subject } from './subject.ts'
import { votes } from './votes.ts'

/** The first is measured where none is chosen. */
export const SUBJECTS: readonly Subject[] = [votes, newest, inbox]
