import type { ChatTurn } from '../api/engine.js'

export interface FittedTurns {
  readonly prompt: readonly number[]
  /** Turns from the beginning that found no room. */
  readonly dropped: number
}

export interface Room {
  /** Tokens that prompt and answer have together. */
  readonly context: number
  readonly maximumTokens: number
  readonly encode: (turns: readonly ChatTurn[]) => readonly number[]
}

/**
 * Keeps the last question, and of what was said before it as much as fits the context beside an answer: the oldest turns go first, and what is left begins
 * with a question.
 *
 * An answer has the room that it may take, up to half of the context: else a conversation that is nearly full would be answered in a few words.
 *
 * @param turns - the last of them is a question
 */
export function fitTurns(turns: readonly ChatTurn[], { context, maximumTokens, encode }: Room): FittedTurns {
  const most = context - Math.min(maximumTokens, Math.floor(context / 2))
  let dropped = turns.length - 1
  let prompt = encode(turns.slice(dropped))
  // From the last one back, so that a long conversation is not encoded again and again.
  for (;;) {
    const before = turns.findLastIndex(({ role }, at) => at < dropped && role === 'user')
    if (before < 0) return { prompt, dropped }
    const longer = encode(turns.slice(before))
    if (longer.length > most) return { prompt, dropped }
    prompt = longer
    dropped = before
  }
}
