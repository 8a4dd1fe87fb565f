/**
 * Proposes how a text goes on, so that the target model can check several tokens in one call.
 * A draft can be wrong at no cost but time: what is returned is always what the target alone would have written.
 */
export interface Draft {
  readonly name: string
  /** What it does once for a text, before the first proposal; it costs a few milliseconds, which say nothing of what a call costs. */
  prepare?(): void
  /**
   * @param tokens - prompt and output so far
   * @param maximum - no more than this many tokens are wanted
   */
  propose(tokens: readonly number[], maximum: number): Proposal
}

/** A draft that was trained: it continues what the target has in mind, which takes a run of a small model. */
export interface TrainedDraft {
  readonly name: string
  /**
   * @param hidden - the target's last hidden state from which it chose `token`
   * @param token - the text's last one
   */
  propose(hidden: Float32Array, token: number): Promise<Proposal>
}

export interface Proposal {
  /** The draft that made it. */
  readonly by: string
  readonly tokens: readonly number[]
  /** For each token, how likely the draft thinks it is that the target agrees, given that it agreed so far; in (0, 1]. */
  readonly confidence: readonly number[]
  /** Length of the match that the proposal rests on, in tokens; longer is surer. */
  readonly matched: number
}

export const NOTHING: Proposal = { by: 'none', tokens: [], confidence: [], matched: 0 }
