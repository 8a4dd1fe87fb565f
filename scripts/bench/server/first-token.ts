import { repeatableRandom } from '../bench-model.js'
import { median, say } from '../report.js'
import type { StartedServer } from './started-server.js'
import { streamed } from './streamed.js'

const PREFIX_TOKENS = 768
const NEW_TOKENS = 32
const PAIRS = 5
/** Ids that every tokenizer has, special ones left out. */
const IDS = { from: 100, to: 2000 }

export interface FirstToken {
  readonly ttft_uncached_over_cached: number
  readonly pairs: readonly { readonly uncached: number, readonly cached: number, readonly cachedTokens: number, readonly ratio: number }[]
}

/**
 * Time to the first text of a prompt that is new, over that of one that shares its first 768 tokens with the one before and has 32 new ones. Medians of
 * pairs; milliseconds.
 */
export async function firstToken({ root }: StartedServer): Promise<FirstToken> {
  const random = repeatableRandom(13)
  const draw = (count: number): number[] => Array.from({ length: count }, () => IDS.from + Math.floor(random() * (IDS.to - IDS.from)))
  const ask = async (prompt: readonly number[]): Promise<{ readonly milliseconds: number, readonly cachedTokens: number }> => {
    const { begun, firstAt, cachedTokens } = await streamed(root, prompt, 4)
    return { milliseconds: firstAt - begun, cachedTokens }
  }
  await ask(draw(PREFIX_TOKENS + NEW_TOKENS))
  const pairs: FirstToken['pairs'][number][] = []
  for (let pair = 0; pair < PAIRS; pair++) {
    const prefix = draw(PREFIX_TOKENS)
    const uncached = await ask([...prefix, ...draw(NEW_TOKENS)])
    const cached = await ask([...prefix, ...draw(NEW_TOKENS)])
    pairs.push({ uncached: uncached.milliseconds, cached: cached.milliseconds, cachedTokens: cached.cachedTokens, ratio: uncached.milliseconds / cached.milliseconds })
    say(`first text after ${uncached.milliseconds.toFixed(0)} ms, with ${cached.cachedTokens} tokens in memory after ${cached.milliseconds.toFixed(0)} ms`)
  }
  return { ttft_uncached_over_cached: median(pairs.map(({ ratio }) => ratio)), pairs }
}
