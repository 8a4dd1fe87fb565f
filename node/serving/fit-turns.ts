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
 * Leaves out the oldest turns until the others fit the context beside an answer. What is left begins with a question; the last one is never left out.
 *
 * An answer has the room that it may take, up to half of the context: else a conversation that is nearly full would be answered in a few words.
 */
export function fitTurns(turns: readonly ChatTurn[], { context, maximumTokens, encode }: Room): FittedTurns {
  const answer = Math.min(maximumTokens, Math.floor(context / 2))
  let dropped = 0
  for (;;) {
    const prompt = encode(turns.slice(dropped))
    const next = turns.findIndex(({ role }, at) => at > dropped && role === 'user')
    if (prompt.length + answer <= context || next < 0) return { prompt, dropped }
    dropped = next
  }
}
