import { appendFileSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import test from 'ava'
import fc from 'fast-check'

import { designIn } from '../../node/evaluation/design-in.js'
import { passAtK } from '../../node/evaluation/pass-at-k.js'
import { promptOf } from '../../node/evaluation/prompt.js'
import { parseSamples, Results } from '../../node/evaluation/results.js'
import type { SampleResult } from '../../node/evaluation/results.js'
import { filtered, readSuite } from '../../node/evaluation/suites/read-suite.js'
import { summarise } from '../../node/evaluation/summary.js'
import { structureOf } from '../../src/quality/index.js'
import { COUNTER, TELLING } from '../quality/testbench-designs.js'
import { BELL, INVERTER, OWN_LINES, ownSuite, rtllmSuite, verilogEvalSuite } from './evaluation-suites.js'
import { folderFor } from './house.js'

test('pass@k is the share of draws of k samples with one that passes', (t) => {
  const choose = (n: number, k: number): bigint => {
    let result = 1n
    for (let at = 1n; at <= BigInt(k); at++) result = result * (BigInt(n) - at + 1n) / at
    return k > n ? 0n : result
  }
  fc.assert(fc.property(fc.integer({ min: 1, max: 400 }).chain((n) => fc.tuple(fc.constant(n), fc.integer({ min: 0, max: n }), fc.integer({ min: 1, max: n }))), ([n, c, k]) => {
    const exact = Number(10n ** 18n * (choose(n, k) - choose(n - c, k)) / choose(n, k)) / 1e18
    t.true(Math.abs(passAtK(n, c, k) - exact) < 1e-9)
    if (k === 1) t.true(Math.abs(passAtK(n, c, 1) - c / n) < 1e-12)
    if (c < n) t.true(passAtK(n, c + 1, k) >= passAtK(n, c, k))
  }), { numRuns: 300 })
  t.is(passAtK(10_000, 1, 5), 1 - 9995 / 10_000)
  for (const [n, c, k] of [[4, 1, 5], [0, 0, 1], [5, 6, 1], [5, 1, 0], [5, 1, 1.5], [NaN, 0, 1]] as const) t.throws(() => passAtK(n, c, k), { instanceOf: RangeError })
})

for (const [what, answer, top, design] of [
  ['as it is', COUNTER, 'TopModule', COUNTER],
  ['out of a fence, with words around it', `Sure! Here is the code:\n\`\`\`verilog\n${COUNTER}\`\`\`\nIt counts.`, 'TopModule', COUNTER],
  ['out of a fence that does not end', `\`\`\`\n${COUNTER}`, 'TopModule', COUNTER],
  ['out of the fence that holds a module', `\`\`\`text\nnotes\n\`\`\`\n\`\`\`verilog\n${COUNTER}\`\`\``, 'TopModule', COUNTER],
  ['without words around it', `The design of a module is:\n${COUNTER}and that is it.`, 'TopModule', COUNTER],
  ['with its directives', `\`timescale 1ns/1ps\n\n${COUNTER}`, 'TopModule', `\`timescale 1ns/1ps\n\n${COUNTER}`],
  ['without a testbench that nobody asked for', `${COUNTER}\n${TELLING}`, 'TopModule', COUNTER],
  ['with the modules that it uses', `module low(); endmodule\nmodule TopModule(); mid m(); endmodule\nmodule mid(); low l(); endmodule\nmodule other(); endmodule`, 'TopModule', 'module low(); endmodule\nmodule TopModule(); mid m(); endmodule\nmodule mid(); low l(); endmodule\n'],
  ['whole where the module asked for is not there', INVERTER, 'TopModule', INVERTER],
  ['as it is where it is no design', 'I cannot do that.', 'TopModule', 'I cannot do that.'],
] as const) {
  test(`a design is cut out of an answer ${what}`, (t) => {
    t.is(designIn(answer, 'verilog', top), design)
  })
}

test('a circuit is cut out of an answer', (t) => {
  t.is(designIn(`Here:\n\`\`\`qasm\n${BELL}\`\`\`\n`, 'qasm'), BELL)
  t.is(designIn(BELL, 'qasm'), BELL)
  t.is(designIn('  \n', 'qasm'), '')
})

test('what is cut is cut', (t) => {
  const words = fc.constantFrom('module a; ', 'module b; a x(); ', 'endmodule', '\n', '```verilog\n', '```', '`define X\n', 'some words ', '// c\n', '/*', '*/', '"')
  fc.assert(fc.property(fc.array(words, { maxLength: 30 }).map((list) => list.join('')), (answer) => {
    const design = designIn(answer, 'verilog', 'b')
    const names = new Set(structureOf(design).modules.map(({ name }) => name))
    t.true(!names.has('b') || [...names].every((name) => name === 'a' || name === 'b'))
  }), { numRuns: 1000 })
})

test('prompts are specifications without courtesies, with name and interface', (t) => {
  t.is(promptOf({ domain: 'verilog', specification: 'Please act as a professional verilog designer.\n\nAn adder.\n\nModule name:\n    add\n\nGive me the complete code.', top: 'add' }), 'An adder.\n\nModule name:\n    add')
  t.is(promptOf({ domain: 'verilog', specification: 'I would like you to implement a module named TopModule with the following\ninterface. All ports are one bit.', top: 'TopModule' }), 'Write a Verilog module named TopModule with the following interface. All ports are one bit.')
  t.is(promptOf({ domain: 'verilog', specification: 'A counter.', top: 'count' }), 'Write a Verilog module named count.\n\nA counter.')
  t.is(promptOf({ domain: 'verilog', specification: 'A counter.', top: 'count', header: 'module count(input clk);' }), 'A counter.\n\nmodule count(input clk);')
  t.is(promptOf({ domain: 'qasm', specification: 'A Bell pair.' }), 'A Bell pair.')
})

test('suites are read in each form', async (t) => {
  const folder = folderFor(t)
  const verilogEval = await readSuite(verilogEvalSuite(folder))
  t.like(verilogEval, { name: 'verilog-eval', form: 'verilog-eval' })
  t.deepEqual(verilogEval.problems.map(({ id, top }) => [id, top]), [['Prob001_count', 'TopModule'], ['Prob002_down', 'TopModule']])
  const rtllm = await readSuite(rtllmSuite(folder))
  t.deepEqual(rtllm.problems.map(({ id, category, top, files }) => [id, category, top, files]), [
    ['counter', 'Arithmetic', 'counter_4', { 'known.dat': '2a\n2b\n' }], ['recorder', 'Memory', 'recorder_4', { 'known.dat': '2a\n2b\n' }],
  ])
  t.true(rtllm.problems.every(({ reference, top }) => structureOf(reference!).defined.has(top!)), 'references are called as the testbench calls them')
  const own = await readSuite(ownSuite(folder))
  t.deepEqual(own.problems, OWN_LINES.map((line) => ({ ...line, suite: 'own' })) as never)
  t.deepEqual(filtered([verilogEval, rtllm, own], ['count', 'quantum']).map(({ id }) => id), ['Prob001_count', 'counter', 'counter', 'bell'])
  t.throws(() => filtered([own], ['nothing']), { code: 'SUITE_EMPTY' })
})

for (const [what, code, make, says] of [
  ['no path', 'SUITE_MISSING', (folder: string) => join(folder, 'nowhere'), /nowhere/],
  ['an empty folder', 'SUITE_UNKNOWN', (folder: string) => folder, /is no suite: give a folder/],
  ['a file of another kind', 'SUITE_UNKNOWN', (folder: string) => { writeFileSync(join(folder, 'a.txt'), ''); return join(folder, 'a.txt') }, /a\.txt/],
  ['a folder of several suites', 'SUITE_UNKNOWN', (folder: string) => { mkdirSync(join(folder, 'dataset_x')); return folder }, /name one of .*dataset_x/],
  ['an empty file', 'SUITE_INVALID', (folder: string) => ownSuite(folder, []), /no problem/],
  ['a missing testbench', 'SUITE_INVALID', (folder: string) => { const suite = verilogEvalSuite(folder); rmSync(join(suite, 'Prob002_down_test.sv')); return suite }, /Prob002_down_test\.sv is missing/],
  ['an empty prompt', 'SUITE_INVALID', (folder: string) => { const suite = verilogEvalSuite(folder); writeFileSync(join(suite, 'Prob002_down_prompt.txt'), ' \n'); return suite }, /Prob002_down_prompt\.txt: it is empty/],
  ['a folder in place of a file', 'SUITE_INVALID', (folder: string) => {
    const file = join(rtllmSuite(folder), 'Memory/recorder/testbench.v')
    rmSync(file)
    mkdirSync(file)
    return join(folder, 'rtllm')
  }, /testbench\.v: it cannot be read/],
  ['a link to nothing', 'SUITE_INVALID', (folder: string) => { const suite = rtllmSuite(folder); symlinkSync('/nowhere', join(suite, 'Memory/recorder/more.dat')); return suite }, /more\.dat: it cannot be read/],
  ['a testbench that tests nothing', 'SUITE_INVALID', (folder: string) => { const suite = rtllmSuite(folder); writeFileSync(join(suite, 'Memory/recorder/testbench.v'), 'module t; endmodule'); return suite }, /recorder\/testbench\.v: the testbench makes no instance/],
  ['a file beyond the limit', 'SUITE_INVALID', (folder: string) => { const suite = rtllmSuite(folder); writeFileSync(join(suite, 'Memory/recorder/known.dat'), 'x'.repeat(300_000)); return suite }, /known\.dat: it has 300000 bytes/],
  ['a line that is no JSON', 'SUITE_INVALID', (folder: string) => { const file = ownSuite(folder); appendFileSync(file, '{"id": \n'); return file }, /own\.jsonl line 4: it is no JSON/],
  ['a field too many', 'SUITE_INVALID', (folder: string) => ownSuite(folder, [{ ...OWN_LINES[0]!, colour: 'red' } as never]), /line 1: .*colour/],
  ['nothing to decide by', 'SUITE_INVALID', (folder: string) => ownSuite(folder, [{ id: 'x', domain: 'verilog', specification: 'x' }]), /neither a reference nor a testbench/],
  ['a testbench of a circuit', 'SUITE_INVALID', (folder: string) => ownSuite(folder, [{ id: 'x', domain: 'qasm', specification: 'x', testbench: TELLING }]), /OpenQASM has no testbenches/],
  ['one name twice', 'SUITE_INVALID', (folder: string) => ownSuite(folder, [OWN_LINES[0]!, OWN_LINES[0]!]), /two problems are called inverter/],
] as const) {
  test(`a suite is refused with what to do: ${what}`, async (t) => {
    const error = await t.throwsAsync(readSuite(make(folderFor(t))), { code })
    t.regex(error.message, says)
  })
}

const result = (problem: string, sample: number, more: Partial<SampleResult> = {}): SampleResult => ({
  suite: 's', problem, sample, seed: sample, outcome: 'pass', reason: 'r', tool: 'yosys', writingMs: 1, checkingMs: 2, design: 'module é; endmodule\n', ...more,
})

test('results survive being cut off at any byte', async (t) => {
  const folder = join(folderFor(t), 'out')
  const results = await Results.open(folder, { n: 1 }, false)
  await Promise.all([result('a', 0), result('b', 0), result('b', 1)].map((one) => results.add(one)))
  await results.close()
  const file = join(folder, 'samples.jsonl')
  const bytes = readFileSync(file)
  t.deepEqual(parseSamples(bytes, file).done, [result('a', 0), result('b', 0), result('b', 1)])
  for (let cut = 0; cut <= bytes.length; cut++) {
    const { done, length } = parseSamples(bytes.subarray(0, cut), file)
    t.is(done.length, bytes.subarray(0, cut).toString('latin1').split('\n').length - 1)
    t.true(length <= cut && (length === 0 || bytes[length - 1] === 10))
  }
  for (const cut of [0, 5, bytes.length - 1, bytes.length - 60]) {
    writeFileSync(file, bytes.subarray(0, cut))
    const again = await Results.open(folder, { n: 1 }, true)
    for (const one of [result('a', 0), result('b', 0), result('b', 1)]) if (!again.has(one.suite, one.problem, one.sample)) await again.add(one)
    await again.close()
    t.deepEqual(readFileSync(file), bytes)
  }
})

test('results are neither mixed with others nor taken up where they are damaged', async (t) => {
  const folder = join(folderFor(t), 'out')
  const results = await Results.open(folder, { n: 1, model: { base: 'x' } }, false)
  await results.add(result('a', 0))
  await results.close()
  await t.throwsAsync(Results.open(folder, { n: 1, model: { base: 'x' } }, false), { code: 'EVALUATION_EXISTS', message: /--resume/ })
  const changed = await t.throwsAsync(Results.open(folder, { n: 2, model: { base: 'y' } }, true), { code: 'EVALUATION_CHANGED' })
  t.regex(changed.message, /n was 1 and is 2, model was \{"base":"x"\} and is \{"base":"y"\}/)
  appendFileSync(join(folder, 'samples.jsonl'), '{"half": 1}\n')
  await t.throwsAsync(Results.open(folder, { n: 1, model: { base: 'x' } }, true), { code: 'EVALUATION_DAMAGED', message: /line 2/ })
  writeFileSync(join(folder, 'settings.json'), 'no JSON')
  await t.throwsAsync(Results.open(folder, { n: 1 }, true), { code: 'EVALUATION_DAMAGED' })
  rmSync(join(folder, 'settings.json'))
  await t.throwsAsync(Results.open(folder, { n: 1 }, true), { code: 'EVALUATION_DAMAGED' })
  writeFileSync(join(folder, 'file'), '')
  await t.throwsAsync(Results.open(join(folder, 'file', 'below'), {}, false), { code: 'EVALUATION_UNWRITABLE' })
})

test('a summary counts unknown apart and weighs problems equally', (t) => {
  const problem = (id: string, category: string) => ({ id, category, suite: 's', domain: 'verilog', specification: 'x' }) as const
  const outcomes = { a: ['pass', 'pass', 'fail', 'fail'], b: ['unknown', 'unknown', 'unknown', 'pass'], c: ['fail', 'fail', 'fail', 'fail'] } as const
  const samples = Object.entries(outcomes).flatMap(([id, list]) => list.map((outcome, at) => result(id, at, { outcome, tool: outcome === 'unknown' ? 'none' : 'iverilog' })))
  const { groups, problems } = summarise([problem('a', 'x'), problem('b', 'y'), problem('c', 'y')], samples, [1, 2], {})
  t.deepEqual(groups.map(({ category, samples: all, passed, failed, unknown, tools }) => [category, all, passed, failed, unknown, tools]), [
    [undefined, 12, 3, 6, 3, { iverilog: 9, none: 3 }], ['x', 4, 2, 2, 0, { iverilog: 4 }], ['y', 8, 1, 4, 3, { none: 3, iverilog: 5 }],
  ])
  t.true(Math.abs(groups[0]!.passAt['1']! - (0.5 + 0.25 + 0) / 3) < 1e-12)
  t.true(Math.abs(groups[0]!.passAt['2']! - (5 / 6 + 0.5 + 0) / 3) < 1e-12)
  t.deepEqual(problems.map(({ id, passed, unknown }) => [id, passed, unknown]), [['a', 2, 0], ['b', 1, 3], ['c', 0, 0]])
})
