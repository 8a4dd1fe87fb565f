/**
 * node dist/scripts/bench/decode.js [--json] [--shape 320,4,5,5,864,2048]
 *
 * One stream against node-llama-cpp's best setting: 256 tokens after a prompt of 64, the most likely one each time, 8 bits a weight and at most
 * 2 threads in both. The figure is the lower of the two rates with and without the time for the prompt; medians of 5.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'

import { DecodeSession } from '../../src/model/index.js'
import { calledWith } from '../command/command.js'
import { flag } from '../command/kinds.js'
import { benchModel, countParameters, repeatableRandom, shapeOption } from './bench-model.js'
import { writeGguf } from './gguf.js'
import { LlamaCppRunner, type LlamaSetting, type Written } from './llama-cpp.js'
import { benchmarkReport, median, say } from './report.js'

const THREADS = 2
const PROMPT_TOKENS = 64
const TOKENS = 256
const RUNS = 5
const TRIAL_TOKENS = 16

const { json, shape } = calledWith({
  call: 'npm run bench:decode --',
  about: 'Decoding against the best setting of node-llama-cpp at the same quantisation.',
  options: { shape: shapeOption, json: flag('print the report as a line of JSON') },
})
const { name, model } = await benchModel(shape)
const random = repeatableRandom(5)
const prompt = Array.from({ length: PROMPT_TOKENS }, () => Math.floor(random() * model.config.vocabularySize))

const folder = await mkdtemp(path.join(os.tmpdir(), 'meshwright-decode-'))
const gguf = path.join(folder, 'model.gguf')
await writeGguf(gguf, model)
const llama = await LlamaCppRunner.open(gguf, THREADS)

// Both programs take turns, so that whatever else the machine does falls on both.
const theirs = new Map<string, Written[]>()
const ours = new Map<string, Written[]>()
const settings = await promising([1, THREADS].flatMap((threads) => [false, true].map((flashAttention) => ({ threads, flashAttention }))))
for (let run = 0; run <= RUNS; run++) {
  for (const setting of settings) collect(theirs, JSON.stringify(setting), await llama.write(prompt, TOKENS, 1, setting), run)
  for (const threads of [1, THREADS]) collect(ours, JSON.stringify({ threads }), [await writeOurs(threads)], run)
}
await rm(folder, { recursive: true })

const rate = (runs: readonly Written[], withPrompt: boolean): number =>
  median(runs.map(({ promptSeconds, writeSeconds }) => TOKENS / (writeSeconds + (withPrompt ? promptSeconds : 0))))
const best = (all: ReadonlyMap<string, readonly Written[]>, withPrompt: boolean): number =>
  Math.max(...[...all.values()].map((runs) => rate(runs, withPrompt)))
const agreement = firstDifference([...ours.values()][0]![0]!.ids, [...theirs.values()][0]![0]!.ids)
const results = {
  vs_llama_cpp: Math.min(best(ours, false) / best(theirs, false), best(ours, true) / best(theirs, true)),
  tokens_per_s: best(ours, false),
  llama_cpp_tokens_per_s: best(theirs, false),
}
const rates = (all: ReadonlyMap<string, readonly Written[]>): object =>
  Object.fromEntries([...all].map(([setting, runs]) => [setting, { withoutPrompt: rate(runs, false), withPrompt: rate(runs, true) }]))
if (!json) {
  say(`${name}, ${countParameters(model)} parameters: ${results.tokens_per_s.toFixed(0)} tokens/s, llama.cpp ${results.llama_cpp_tokens_per_s.toFixed(0)}: ${results.vs_llama_cpp.toFixed(2)}`)
  say(`the first ${agreement} of ${TOKENS} tokens are the same`)
}
console.log(JSON.stringify(benchmarkReport('decode', results, { model: name, sameTokens: agreement, ours: rates(ours), llamaCpp: rates(theirs) })))
process.exit(0)

/** The settings of llama.cpp that are not far behind its best one in a short trial; its busy waiting takes minutes beside other programs. */
async function promising(all: readonly LlamaSetting[]): Promise<LlamaSetting[]> {
  const trials: { readonly setting: LlamaSetting, readonly seconds: number }[] = []
  for (const setting of all) {
    const [warm, trial] = await llama.write(prompt, TRIAL_TOKENS, 2, setting)
    trials.push({ setting, seconds: Math.min(warm!.writeSeconds, trial!.writeSeconds) })
  }
  const fastest = Math.min(...trials.map(({ seconds }) => seconds))
  return trials.filter(({ seconds }) => seconds < 2 * fastest).map(({ setting }) => setting)
}

/** The first run of each setting warms up and does not count. */
function collect(all: Map<string, Written[]>, key: string, written: readonly Written[], run: number): void {
  if (run > 0) all.set(key, [...all.get(key) ?? [], ...written])
}

async function writeOurs(threads: number): Promise<Written> {
  const session = await DecodeSession.create(model, { quantization: 'q8', threads, maximumLength: PROMPT_TOKENS + TOKENS })
  const start = performance.now()
  await session.forwardGreedy(prompt.slice(0, -1), { last: 0 })
  const evaluated = performance.now()
  const ids: number[] = []
  for (let id = prompt.at(-1)!; ids.length < TOKENS; ids.push(id)) id = (await session.forwardGreedy([id]))[0]!
  const writeSeconds = (performance.now() - evaluated) / 1e3
  await session.release()
  return { ids, promptSeconds: (evaluated - start) / 1e3, writeSeconds }
}

function firstDifference(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((id, i) => id !== b[i])
  return at < 0 ? a.length : at
}
