import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { gunzipSync } from 'node:zlib'

import test from 'ava'

import { initialAdapter } from '../../src/adapter/index.js'
import { findPackageRoot } from '../../src/config/index.js'
import { bestOf, GREEDY, GREEDY_ARM, InferenceError, openGenerator, samplingOptions } from '../../src/inference/index.js'
import type { GenerationJob } from '../../src/inference/index.js'
import { Undecided } from '../../src/inference/verified/undecided.js'
import { adapterLayout, loadCheckpoint } from '../../src/model/index.js'
import { openChecker, QualityError } from '../../src/quality/index.js'
import { encodePrompt } from '../../src/training/index.js'

const folder = path.join(findPackageRoot(), 'models', 'embedded')
const checkpoint = await loadCheckpoint(folder)
const generator = await openGenerator({ checkpoint: folder, quantization: 'q8', threads: 1, maximumLength: 512 })
const checker = openChecker({ workers: 1, timeoutMs: 20_000 })
test.after.always(async () => {
  await generator.close()
  await checker.close()
})

const specification = 'Write an 8-bit adder named add8 with inputs a and b (8 bits each), carry input cin, output sum (8 bits) and carry output cout.'
const prompt = [...encodePrompt(checkpoint.tokenizer, specification)]
const job: GenerationJob = { prompt, maximumTokens: 200, stop: [], sampling: GREEDY, draft: 'none' }

test.serial('the embedded base writes a module, and every draft gives the same text', async (t) => {
  const plain = await generator.generate(job)
  t.true(plain.text.startsWith('module'))
  t.is(plain.finish, 'end')
  await generator.useCorpus([{ prompt: [], design: checkpoint.tokenizer.encode(plain.text) }])
  for (const draft of ['lookup', 'personal'] as const) {
    for (let run = 0; run < 3; run++) t.is((await generator.generate({ ...job, draft })).text, plain.text)
  }
})

test.serial('on many prompts, drafts of a whole house change nothing but the number of calls', async (t) => {
  const held = gunzipSync(await readFile(path.join(folder, 'held-out.jsonl.gz'))).toString('utf8').split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as { specification: string, design: string })
  const asked = held.filter((_, at) => at % 100 === 0)
  t.true(asked.length >= 20)
  await generator.useCorpus(held.filter((_, at) => at % 10 === 5).map(({ specification, design }) => ({ prompt: [...encodePrompt(checkpoint.tokenizer, specification)], design: checkpoint.tokenizer.encode(design) })))
  let accepted = 0
  for (const { specification: text } of asked) {
    const one = { ...job, prompt: [...encodePrompt(checkpoint.tokenizer, text)], maximumTokens: 100 }
    const plain = await generator.generate(one)
    const drafted = await generator.generate({ ...one, draft: 'personal' })
    t.is(drafted.text, plain.text)
    t.true(drafted.accepted <= drafted.drafted)
    accepted += drafted.accepted
  }
  // How many depends on the machine: drafting stops where it measures that text comes faster without.
  t.true(accepted > 0)
})

test.serial('what was written before is drafted from, and no text is another one for it', async (t) => {
  const asked = [
    'Write module inv8, an 8-bit inverter with input [7:0] a and output [7:0] y.',
    'Write module mux4, a 4-to-1 multiplexer of 8-bit inputs a, b, c, d with select [1:0] s and output [7:0] y.',
  ].map((text) => ({ ...job, prompt: [...encodePrompt(checkpoint.tokenizer, text)] }))
  const learning = await openGenerator({ checkpoint: folder, quantization: 'q8', threads: 1, maximumLength: 512 })
  try {
    const plain = []
    for (const one of asked) plain.push(await learning.generate(one))
    for (const [at, isVerified] of [false, true].entries()) learning.remember([{ prompt: asked[at]!.prompt, design: plain[at]!.ids, isVerified }])
    for (let run = 0; run < 3; run++) {
      for (const [at, one] of asked.entries()) {
        const drafted = await learning.generate({ ...one, draft: 'personal' })
        t.is(drafted.text, plain[at]!.text)
        t.deepEqual(drafted.ids, plain[at]!.ids)
      }
    }
    t.is(checkpoint.tokenizer.decode(plain[0]!.ids), plain[0]!.text)
  } finally {
    await learning.close()
  }
})

test.serial('an index that was kept is taken up again', async (t) => {
  const precedents = [{ prompt: [5], design: [6, 7, 8] }, { prompt: [5], design: [9, 10, 11] }]
  const first = await generator.useCorpus(precedents)
  t.true(first.isChanged)
  const again = await generator.useCorpus(precedents, first.segments)
  t.false(again.isChanged)
  t.deepEqual(again.segments, first.segments)
  t.true((await generator.useCorpus(precedents.slice(1), first.segments)).isChanged)
})

test.serial('parts joined are the text, and say which tokens were drafted', async (t) => {
  const parts: { text: string, tokens: number, accepted: number }[] = []
  const result = await generator.generate({ ...job, draft: 'personal' }, { onPart: (part) => parts.push(part) })
  t.is(parts.map(({ text }) => text).join(''), result.text)
  t.is(parts.reduce((sum, { tokens }) => sum + tokens, 0), result.tokens)
})

test.serial('a stop text ends the output before it', async (t) => {
  const result = await generator.generate({ ...job, stop: ['output'] })
  t.is(result.finish, 'stop')
  t.false(result.text.includes('output'))
})

test.serial('an adapter is named, loaded, used and unloaded', async (t) => {
  const settings = { rank: 2, alpha: 4, targets: ['q_proj'] as const }
  await generator.load('fresh', { settings, values: initialAdapter(adapterLayout(checkpoint.config, settings), 1) })
  // B of a new adapter is zero: it changes nothing.
  t.is((await generator.generate({ ...job, adapter: 'fresh' })).text, (await generator.generate(job)).text)
  await generator.unload('fresh')
  await t.throwsAsync(generator.generate({ ...job, adapter: 'fresh' }), { instanceOf: InferenceError, code: 'INFERENCE_ADAPTER_UNKNOWN' })
})

test.serial('a prompt beyond the context is refused, and a cancelled request ends', async (t) => {
  await t.throwsAsync(generator.generate({ ...job, prompt: Array.from({ length: 600 }, () => 5) }), { instanceOf: InferenceError, code: 'INFERENCE_PROMPT_TOO_LONG' })
  const cancel = new AbortController()
  const cancelled = generator.generate(job, { signal: cancel.signal, onPart: () => cancel.abort() })
  await t.throwsAsync(cancelled, { instanceOf: InferenceError, code: 'INFERENCE_ABORTED' })
})

test.serial('best of n returns a design that passes where one does, and says what it took', async (t) => {
  const reference = 'module add8(input [7:0] a, input [7:0] b, input cin, output [7:0] sum, output cout);\n  assign {cout, sum} = a + b + cin;\nendmodule\n'
  const { best, candidates, served } = await bestOf(generator, checker, { domain: 'verilog', specification, reference }, {
    prompt, samples: 4, sampling: samplingOptions({ temperature: 0.8, seed: 3 }), maximumTokens: 200, draft: 'personal',
  })
  t.is(best.verdict.outcome, 'pass', best.verdict.reason)
  t.true(candidates.length >= 1)
  t.true(served.passed && served.tokens > 0 && served.wallMilliseconds > 0)
})

test.serial('a design that will probably pass is waited for, and one that may not is checked while the next is written', async (t) => {
  const triesWith = async (chance: number): Promise<number> => {
    const drawn = { ...GREEDY_ARM, sampling: { temperature: 0.6, topP: 1, minP: 0 } }
    const { tries } = await bestOf(generator, checker, { domain: 'verilog', specification }, {
      prompt, samples: 4, sampling: samplingOptions({ seed: 3 }), maximumTokens: 200, draft: 'none',
      plan: { next: (before) => (before.length < 4 ? { arm: before.length === 0 ? GREEDY_ARM : drawn, why: '', chance } : { arm: undefined, why: '' }), learn: () => undefined },
    })
    return tries.length
  }
  const slow = await triesWith(0.1)
  t.true(slow > 1, 'the next one is begun before the first is known to pass')
  t.is(await triesWith(0.9), 1)
})

test.serial('where checks run out of time and decide nothing, no more is written, and checks under way end', async (t) => {
  // As where a reference is too large: the time is told, not spent.
  const outOfTime: typeof checker = Object.assign(Object.create(checker) as typeof checker, {
    equivalence: (_domain: unknown, _reference: unknown, _candidate: unknown, { signal }: { signal?: AbortSignal } = {}) => (asked++ < 2
      ? Promise.resolve({ outcome: 'unknown', reason: 'it took too long', milliseconds: 10_000 })
      : new Promise((_, reject) => { signal!.addEventListener('abort', () => { reject(new QualityError('CHECKER_ABORTED', 'the check was given up')) }) })),
  })
  let asked = 0
  const { best, stopped, candidates } = await bestOf(generator, outOfTime, { domain: 'verilog', specification, reference: 'module add8; endmodule\n' }, {
    prompt, samples: 40, sampling: samplingOptions({ temperature: 2, seed: 3 }), maximumTokens: 60, draft: 'none',
  })
  t.is(best.verdict.outcome, 'unknown')
  t.regex(stopped, /decided nothing, twice/)
  t.true(candidates.length >= 2 && candidates.length < 40, `${candidates.length}`)
})

test('two checks in a row that took long and said nothing are enough, and one that says something begins anew', (t) => {
  const undecided = new Undecided()
  const long = { outcome: 'unknown', reason: '', milliseconds: 10_000 } as const
  t.false(undecided.note(long))
  t.false(undecided.note({ ...long, milliseconds: 10 }), 'state that no reset reaches is found at once, and may be another design\'s own')
  t.false(undecided.note({ ...long, outcome: 'fail' }))
  t.false(undecided.note(long))
  t.true(undecided.note(long))
})

test.serial('a closed generator refuses with a code', async (t) => {
  const other = await openGenerator({ checkpoint: folder, quantization: 'f32', threads: 1, maximumLength: 64 })
  await other.close()
  await t.throwsAsync(other.generate(job), { instanceOf: InferenceError, code: 'INFERENCE_WORKER_ENDED' })
})
