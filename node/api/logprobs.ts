import type { TokenLogprob } from '../../src/inference/index.js'
import type { Written } from './engine.js'

/** Logprobs as chat completions have them. */
export function chatLogprobs(tokens: readonly TokenLogprob[] | undefined): object | null {
  if (!tokens) return null
  return {
    content: tokens.map(({ text, logprob, bytes, top }) => ({
      token: text, logprob, bytes, top_logprobs: top.map((one) => ({ token: one.text, logprob: one.logprob, bytes: one.bytes })),
    })),
    refusal: null,
  }
}

/**
 * Logprobs as completions have them.
 *
 * @param offset - characters of the text before the first of these tokens
 */
export function completionLogprobs(tokens: readonly TokenLogprob[] | undefined, offset: number): object | null {
  if (!tokens) return null
  let at = offset
  return {
    tokens: tokens.map(({ text }) => text),
    token_logprobs: tokens.map(({ logprob }) => logprob),
    top_logprobs: tokens.map(({ top }) => Object.fromEntries(top.map(({ text, logprob }) => [text, logprob]))),
    text_offset: tokens.map(({ text }) => {
      const begin = at
      at += text.length
      return begin
    }),
  }
}

/** Mean over the tokens, by which the likeliest of several texts is chosen. */
export function meanLogprob({ logprobs = [] }: Written): number {
  return logprobs.length === 0 ? -Infinity : logprobs.reduce((sum, { logprob }) => sum + logprob, 0) / logprobs.length
}
