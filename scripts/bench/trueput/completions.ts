import type { Draft } from '../../../src/inference/index.js'
import type { Tokenizer } from '../../../src/model/index.js'
import { encodeExample } from '../../../src/training/index.js'
import type { Pair } from '../../../src/training/index.js'

/** Each module is completed from so many places, equally far apart. */
const PLACES = 6
/** Prompts are no longer. */
const LONGEST_PROMPT = 768
/** What is left of a module must be worth completing. */
const SHORTEST_REST = 16
/** A text that says again so many tokens which it has said before in one go has nothing more to say. */
const REPETITION = 32

/** A module up to some place, to be completed. */
export interface Opening {
  readonly prompt: readonly number[]
}

/** Openings of modules, as token ids. */
export function openingsOf(tokenizer: Tokenizer, modules: readonly Pair[]): Opening[] {
  return modules.flatMap((pair) => {
    const { prompt, completion } = encodeExample(tokenizer, pair)
    const text = [...prompt, ...completion]
    return Array.from({ length: PLACES }, (_, place) => prompt.length + Math.floor(completion.length * (place + 1) / (PLACES + 1)))
      .filter((at) => at <= LONGEST_PROMPT && text.length - at >= SHORTEST_REST)
      .map((at) => ({ prompt: text.slice(0, at) }))
  })
}

/** How many tokens of an output come before it begins to repeat itself. */
export function beforeRepetition(output: readonly number[]): number {
  const first = new Map<string, number>()
  for (let at = 0; at + REPETITION <= output.length; at++) {
    const key = output.slice(at, at + REPETITION).join()
    // A stretch that overlaps itself is a repetition, too.
    if (first.has(key)) return at
    first.set(key, at)
  }
  return output.length
}

/** Tokens a call if the target wrote exactly these modules: what a draft proposes at each place, measured by the true text. */
export function acceptanceOnTruth(tokenizer: Tokenizer, modules: readonly Pair[], draftFor: (prompt: readonly number[]) => Draft, length: number): number {
  let tokens = 0
  let calls = 0
  for (const pair of modules) {
    const { prompt, completion } = encodeExample(tokenizer, pair)
    const text = [...prompt, ...completion]
    const draft = draftFor([...prompt])
    draft.prepare?.()
    for (let at = prompt.length; at < text.length;) {
      const proposed = draft.propose(text.slice(0, at), length).tokens
      let right = 0
      while (right < proposed.length && at + right < text.length - 1 && proposed[right] === text[at + right]) right++
      at += right + 1
      tokens += right + 1
      calls += 1
    }
  }
  return tokens / calls
}
