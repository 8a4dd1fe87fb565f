import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { gunzipSync } from 'node:zlib'

import { findPackageRoot } from '../../../src/config/index.js'
import { loadCheckpoint } from '../../../src/model/index.js'
import { repeatableRandom } from '../bench-model.js'
import { median, say } from '../report.js'
import type { StartedServer } from './started-server.js'
import { streamed } from './streamed.js'

const PROMPT_TOKENS = 128
const TOKENS = 128
const STREAMS = 16
const PAIRS = 5

export interface Throughput {
  readonly clients16_over_1: number
  readonly pairs: readonly { readonly one: number, readonly many: number, readonly ratio: number }[]
}

/**
 * Tokens a second of 16 streams at once over those of one stream, both with their prompts and over HTTP: the median of pairs that are measured one after
 * the other, so that whatever else the machine does falls on both. No prompt is asked twice: nothing of them is in memory.
 */
export async function throughput({ root }: StartedServer): Promise<Throughput> {
  const prompts = await longPrompts()
  const rate = async (streams: number): Promise<number> => {
    const written = await Promise.all(Array.from({ length: streams }, async () => streamed(root, (await prompts.next()).value as number[], TOKENS)))
    const seconds = (Math.max(...written.map(({ endedAt }) => endedAt)) - Math.min(...written.map(({ begun }) => begun))) / 1000
    return written.reduce((sum, { tokens }) => sum + tokens, 0) / seconds
  }
  await rate(STREAMS)
  await rate(1)
  const pairs: Throughput['pairs'][number][] = []
  for (let pair = 0; pair < PAIRS; pair++) {
    // One text is short: the mean of some has as much work in it as the 16 have.
    const ones = [await rate(1), await rate(1), await rate(1)]
    const many = await rate(STREAMS)
    const one = median(ones)
    pairs.push({ one, many, ratio: many / one })
    say(`1 stream ${one.toFixed(0)} tokens/s, ${STREAMS} streams ${many.toFixed(0)}: ${(many / one).toFixed(2)}`)
  }
  return { clients16_over_1: median(pairs.map(({ ratio }) => ratio)), pairs }
}

/** Windows of the held-out designs, each at another place and with another first token; the model seldom ends within so many tokens of them. */
async function* longPromptsOf(tokens: readonly number[], vocabulary: number): AsyncGenerator<number[]> {
  const random = repeatableRandom(11)
  await Promise.resolve()
  for (;;) {
    const at = Math.floor(random() * (tokens.length - PROMPT_TOKENS))
    yield [4 + Math.floor(random() * (vocabulary - 4)), ...tokens.slice(at + 1, at + PROMPT_TOKENS)]
  }
}

async function longPrompts(): Promise<AsyncGenerator<number[]>> {
  const folder = path.join(findPackageRoot(), 'models', 'embedded')
  const { tokenizer, config } = await loadCheckpoint(folder)
  const lines = gunzipSync(await readFile(path.join(folder, 'held-out.jsonl.gz'))).toString('utf8').split('\n').filter((line) => line !== '')
  const tokens = lines.slice(0, 400).flatMap((line) => tokenizer.encode((JSON.parse(line) as { design: string }).design))
  return longPromptsOf(tokens, config.vocabularySize)
}
