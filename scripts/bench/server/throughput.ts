import { readFileSync } from 'node:fs'
import path from 'node:path'

import { findPackageRoot } from '../../../src/config/index.js'
import { repeatableRandom } from '../bench-model.js'
import { median, say } from '../report.js'
import type { StartedServer } from './started-server.js'
import { streamed } from './streamed.js'

const PROMPT_TOKENS = 128
const TOKENS = 128
const STREAMS = 16
const PAIRS = 5
/** Streams one after another for one measurement of a single one: it is short. */
const SINGLES = 4
/** Of the embedded base, the ids below stand for what begins and ends texts. */
const FIRST_ID = 4

interface Rate {
  readonly tokensPerSecond: number
  /** Of the server's process: says more than the above on a machine that others use, too. */
  readonly tokensPerCpuSecond: number
  readonly tokens: number
}

export interface Throughput {
  readonly clients16_over_1: number
  readonly pairs: readonly { readonly one: Rate, readonly many: Rate, readonly ratio: number }[]
}

/**
 * Tokens a second of 16 streams at once over those of one stream, both with their prompts and over HTTP: the median of pairs that are measured one after
 * the other, so that whatever else the machine does falls on both. Prompts are random tokens, after which the model goes on to the end of what it may
 * write more often than after designs; none is asked twice, so that nothing of them is in memory.
 */
export async function throughput(server: StartedServer): Promise<Throughput> {
  const random = repeatableRandom(11)
  const vocabulary = vocabularyOf(path.join(findPackageRoot(), 'models', 'embedded'))
  const prompt = (): number[] => Array.from({ length: PROMPT_TOKENS }, () => FIRST_ID + Math.floor(random() * (vocabulary - FIRST_ID)))
  const rate = async (streams: number, times: number): Promise<Rate> => {
    const cpu = cpuSecondsOf(server.processId)
    let tokens = 0
    let seconds = 0
    for (let time = 0; time < times; time++) {
      const written = await Promise.all(Array.from({ length: streams }, () => streamed(server.root, prompt(), TOKENS)))
      tokens += written.reduce((sum, one) => sum + one.tokens, 0)
      seconds += (Math.max(...written.map(({ endedAt }) => endedAt)) - Math.min(...written.map(({ begun }) => begun))) / 1000
    }
    return { tokens, tokensPerSecond: tokens / seconds, tokensPerCpuSecond: tokens / (cpuSecondsOf(server.processId) - cpu) }
  }
  await rate(STREAMS, 1)
  const pairs: Throughput['pairs'][number][] = []
  for (let pair = 0; pair < PAIRS; pair++) {
    const one = await rate(1, SINGLES)
    const many = await rate(STREAMS, 1)
    const ratio = many.tokensPerSecond / one.tokensPerSecond
    pairs.push({ one, many, ratio })
    say(`1 stream ${one.tokensPerSecond.toFixed(0)} tokens/s, ${STREAMS} streams ${many.tokensPerSecond.toFixed(0)}: ${ratio.toFixed(2)} (${(many.tokensPerCpuSecond / one.tokensPerCpuSecond).toFixed(2)} by CPU time)`)
  }
  return { clients16_over_1: median(pairs.map(({ ratio }) => ratio)), pairs }
}

function vocabularyOf(folder: string): number {
  return (JSON.parse(readFileSync(path.join(folder, 'config.json'), 'utf8')) as { vocab_size: number }).vocab_size
}

/** Linux only; elsewhere 0. */
function cpuSecondsOf(processId: number): number {
  try {
    const stat = readFileSync(`/proc/${processId}/stat`, 'utf8')
    // Behind the name, which stands in brackets, user and system time are the 12th and 13th field, in hundredths of a second.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return (Number(fields[11]) + Number(fields[12])) / 100
  } catch {
    return 0
  }
}
