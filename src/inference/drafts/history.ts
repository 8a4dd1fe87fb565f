import type { Draft } from './draft.js'
import { RecentTexts } from './recent-texts.js'

/** A text that the node has finished for one of its users, as token ids. */
export interface FinishedText {
  readonly prompt: readonly number[]
  readonly design: readonly number[]
  /** Whether a checker was content with it. */
  readonly isVerified: boolean
}

const PART_TOKENS = 8192
/** Three quarters of the room are for designs that passed: they are what users go on with, and others must not push them out. */
const PARTS = { verified: 6, finished: 2 } as const

/** Tokens of texts that are remembered at most. */
export const HISTORY_TOKENS = { verified: PARTS.verified * PART_TOKENS, finished: PARTS.finished * PART_TOKENS } as const

/** What a node has written itself, as drafts of what it writes next. Verified designs go first of equals. */
export class History {
  private readonly verified = new RecentTexts({ name: 'verified', parts: PARTS.verified, partTokens: PART_TOKENS })
  private readonly finished = new RecentTexts({ name: 'finished', parts: PARTS.finished, partTokens: PART_TOKENS })

  get drafts(): readonly Draft[] {
    return [this.verified, this.finished]
  }

  add({ design, isVerified }: FinishedText): void {
    const texts = isVerified ? this.verified : this.finished
    texts.add(design)
  }
}
