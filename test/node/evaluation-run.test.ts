import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { join } from 'node:path'

import test from 'ava'

import { evaluateSuites, problemsOf } from '../../node/evaluation/evaluate-suites.js'
import type { EvaluationPlan } from '../../node/evaluation/evaluate-suites.js'
import { parseSamples } from '../../node/evaluation/results.js'
import type { Summary } from '../../node/evaluation/summary.js'
import { referenceWriter } from '../../node/evaluation/writer.js'
import type { Writer } from '../../node/evaluation/writer.js'
import { InferenceError } from '../../src/inference/index.js'
import { openChecker } from '../../src/quality/index.js'
import type { Checker } from '../../src/quality/index.js'
import { withoutSandbox } from '../quality/testbench-designs.js'
import { ownSuite, rtllmSuite, verilogEvalSuite } from './evaluation-suites.js'
import { folderFor, meshwright, startMeshwright, succeed } from './house.js'

/** One that runs testbenches where this machine can, and one that never does. */
let checkers: readonly (readonly [Checker, 'iverilog' | 'yosys'])[]
test.before(async (t) => {
  const missing = await withoutSandbox()
  if (missing !== undefined) t.log(`TESTBENCHES ARE NOT RUN, since ${missing}`)
  checkers = [
    [openChecker({ workers: 1, timeoutMs: 60_000, toolPath: '' }), 'yosys'],
    ...missing === undefined ? [[openChecker({ workers: 2, timeoutMs: 10_000 }), 'iverilog'] as const] : [],
  ]
})
test.after.always(() => Promise.all(checkers.map(([checker]) => checker.close())))

const planFor = (folder: string, suites: readonly string[], more: Partial<EvaluationPlan> = {}): EvaluationPlan => ({
  suites, filter: [], samples: 1, ks: [1], temperature: 0, seed: 0, maximumTokens: 64, concurrency: 3, folder, resume: false, ...more,
})

async function run(plan: EvaluationPlan, checker: Checker, writer: Writer, signal = new AbortController().signal): Promise<Summary> {
  return (await evaluateSuites(await problemsOf(plan), plan, { writer, model: { writer: 'of a test' }, checker, signal })).summary
}

const samplesIn = (folder: string) => parseSamples(readFileSync(join(folder, 'samples.jsonl')), 'samples.jsonl').done

test('a writer of references passes all suites, and one that mutates them none', async (t) => {
  for (const [checker, tool] of checkers) {
    const folder = folderFor(t)
    const suites = [verilogEvalSuite(folder), rtllmSuite(folder), ownSuite(folder)]
    const right = await run(planFor(join(folder, 'right'), suites), checker, referenceWriter)
    t.deepEqual(right.groups.map(({ suite, category, passed, problems }) => [suite, category, passed, problems]), [
      ['verilog-eval', undefined, 2, 2], ['rtllm', undefined, 2, 2], ['rtllm', 'Arithmetic', 1, 1], ['rtllm', 'Memory', 1, 1],
      ['own', undefined, 3, 3], ['own', 'quantum', 1, 1], ['own', 'small', 2, 2],
    ], JSON.stringify(right.problems))
    t.deepEqual(right.groups.find(({ suite, category }) => suite === 'verilog-eval' && category === undefined)?.tools, { [tool]: 2 })
    const wrong = await run(planFor(join(folder, 'wrong'), suites), checker, async (prompt, sample) => (await referenceWriter(prompt, sample)).replace(/q \+ 1|q - 1/, 'q + 2').replace('~a', '-a').replace('h q[0]', 'x q[0]'))
    t.deepEqual([wrong.groups[0]!.passed, wrong.groups[0]!.failed, wrong.groups[1]!.failed, wrong.groups[4]!.failed], [0, 2, 2, 3], JSON.stringify(wrong.problems))
    t.deepEqual(samplesIn(join(folder, 'wrong')).map(({ outcome }) => outcome), Array.from({ length: 7 }, () => 'fail'))
  }
})

test('each sample has a seed of its own, the same in every run, and unknown is not passed', async (t) => {
  const [checker] = checkers[0]!
  const folder = folderFor(t)
  const asked: (readonly [string, number, number])[] = []
  const writer: Writer = async (prompt, sample) => {
    asked.push([sample.problem.id, sample.index, sample.seed])
    if (sample.index === 1) return 'no design'
    if (sample.index === 2) throw new InferenceError('INFERENCE_PROMPT_TOO_LONG', 'the prompt is too long')
    return sample.index === 3 ? '' : referenceWriter(prompt, sample)
  }
  const plan = planFor(join(folder, 'out'), [ownSuite(folder)], { samples: 4, ks: [1, 2], seed: 7, filter: ['inverter'], concurrency: 1 })
  const summary = await run(plan, checker, writer)
  t.deepEqual(asked, [0, 1, 2, 3].map((index) => ['inverter', index, 7 + index]))
  t.like(summary.groups[0], { passed: 1, failed: 3, unknown: 0, passAt: { 1: 0.25, 2: 0.5 } })
  t.deepEqual(samplesIn(plan.folder).map(({ reason, tool }) => [tool, reason]).slice(2), [['none', 'the prompt is too long'], ['none', 'nothing was written']])
})

test('a run that fails or is stopped keeps what is done, and goes on from there', async (t) => {
  const [checker] = checkers[0]!
  const folder = folderFor(t)
  const plan = planFor(join(folder, 'out'), [ownSuite(folder)], { samples: 3, concurrency: 1 })
  const controller = new AbortController()
  let written = 0
  const stopping: Writer = (prompt, sample) => {
    if (++written === 3) controller.abort(new Error('stopped by the test'))
    return controller.signal.aborted ? Promise.reject(controller.signal.reason as Error) : referenceWriter(prompt, sample)
  }
  await t.throwsAsync(run(plan, checker, stopping, controller.signal), { message: 'stopped by the test' })
  t.is(samplesIn(plan.folder).length, 2)
  const failing: Writer = (prompt, sample) => ++written < 7 ? referenceWriter(prompt, sample) : Promise.reject(new InferenceError('INFERENCE_WORKER_ENDED', 'no memory'))
  await t.throwsAsync(run({ ...plan, resume: true }, checker, failing), { code: 'INFERENCE_WORKER_ENDED' })
  const before = samplesIn(plan.folder)
  t.is(before.length, 5)
  written = 0
  const summary = await run({ ...plan, resume: true }, checker, (prompt, sample) => { written++; return referenceWriter(prompt, sample) })
  t.is(written, 4)
  t.deepEqual(samplesIn(plan.folder).slice(0, 5), before)
  t.is(summary.groups[0]!.passed, 9)
})

test('a run that is killed goes on from the last whole line', async (t) => {
  const folder = folderFor(t)
  const lines = Array.from({ length: 24 }, (_, at) => ({
    id: `p${at}`, domain: 'verilog', specification: `Module m${at}.`, reference: `module m${at}(input [${at + 3}:0] a, b, output [${at + 3}:0] y);\n  assign y = a + b;\nendmodule\n`,
    testbench: `module tb; reg [${at + 3}:0] a = 1, b = 2; wire [${at + 3}:0] y; m${at} u(.a(a), .b(b), .y(y)); initial begin #1 if (y !== 3) $fatal(1, "%d", y); $display("MESHWRIGHT PASS"); $finish; end endmodule`,
  }))
  const out = join(folder, 'out')
  const args = ['eval', '--data', join(folder, 'none'), '--suite', ownSuite(folder, lines), '--references', '--out', out, '--concurrency', '1', '--json']
  const running = startMeshwright(t, args)
  const file = join(out, 'samples.jsonl')
  while (!existsSync(file) || readFileSync(file, 'utf8').split('\n').length < 5) await delay(5)
  running.process.kill('SIGKILL')
  await running.ended
  const kept = samplesIn(out)
  t.true(kept.length >= 4)
  appendFileSync(file, '{"suite":"own","problem":"p3')
  const { code, stderr } = await meshwright(args)
  t.is(code, 2)
  t.regex(stderr, /^error EVALUATION_EXISTS: .*--resume/)
  const summary = JSON.parse(await succeed([...args, '--resume'])) as Summary
  t.like(summary.groups[0], { problems: 24, samples: 24, passed: 24, unknown: 0 })
  const all = samplesIn(out)
  t.deepEqual(all.slice(0, kept.length), kept)
  t.deepEqual(all.map(({ problem }) => problem).sort(), lines.map(({ id }) => id).sort())
  t.deepEqual(JSON.parse(readFileSync(join(out, 'summary.json'), 'utf8')), summary as never)
  const changed = await meshwright([...args, '--resume', '--seed', '3'])
  t.is(changed.code, 2)
  t.regex(changed.stderr, /^error EVALUATION_CHANGED: .*seed was 0 and is 3/)
})

test('the embedded base is measured from the command line, with its samples drawn by their seeds', async (t) => {
  const folder = folderFor(t)
  const args = ['eval', '--data', join(folder, 'none'), '--suite', ownSuite(folder), '--adapter', 'base', '--n', '2', '--filter', 'inverter', '--filter', 'bell', '--max-tokens', '30']
  const first = await succeed([...args, '--out', join(folder, 'first')])
  t.regex(first, /suite +problems +samples +pass@1 +unknown +decided by\n[-\s]+\nown +2 +4 /)
  t.regex(first, /summary\.json/)
  await succeed([...args, '--out', join(folder, 'second'), '--concurrency', '1'])
  const designs = (name: string) => samplesIn(join(folder, name)).map(({ problem, sample, design }) => `${problem} ${sample} ${design}`).sort()
  t.deepEqual(designs('first'), designs('second'))
  t.true(designs('first').every((design) => design.length > 20))
})

for (const [what, args, says] of [
  ['more draws than samples', ['--n', '3', '--k', '1,5'], /pass@5 takes at least 5 samples/],
  ['samples that are all the same', ['--n', '3', '--temperature', '0'], /all the same/],
  ['references and a model', ['--references', '--adapter', 'base'], /judges no model/],
  ['an adapter that is not there', ['--adapter', 'personal'], /no personal adapter/],
  ['numbers that are none', ['--k', '1,x'], /whole number/],
] as const) {
  test(`a wrong evaluation ends with 2 and says what to write: ${what}`, async (t) => {
    const folder = folderFor(t)
    const { code, stderr } = await meshwright(['eval', '--data', join(folder, 'none'), '--suite', ownSuite(folder), '--out', join(folder, 'out'), ...args])
    t.is(code, 2, stderr)
    t.regex(stderr, says)
    t.false(existsSync(join(folder, 'out', 'samples.jsonl')))
  })
}
