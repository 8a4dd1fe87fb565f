import test from 'ava'
import fc from 'fast-check'

import type { Checker } from '../../src/quality/index.js'
import { builtInMetric, openChecker, QualityError, scoreDesign } from '../../src/quality/index.js'
import { capMemory } from '../../src/quality/checker/memory-cap.js'
import { Cache } from '../../src/quality/checker/cache.js'
import { ACCUMULATOR, FIFO } from './verilog-pairs.js'

const BELL = 'OPENQASM 3.0; include "stdgates.inc"; qubit[2] q; h q[0]; cx q[0], q[1];'
/** Elaborating these takes for ever, or all memory there is. */
const HANGING = 'module m(output reg [7:0] y); integer i; always @(*) begin y = 0; for (i = 0; i < 100000000; i = i + 1) y = y + i; end endmodule'
const ENDLESS = 'OPENQASM 3.0; include "stdgates.inc"; qubit q; while (true) { x q; }'

let checker: Checker
test.before(() => { checker = openChecker({ workers: 2, timeoutMs: 60_000 }) })
test.after.always(() => checker.close())

for (const [what, source, kind] of [
  ['an implicit net', 'module m(input a, output y); assign y = b & a; endmodule', 'implicit-net'],
  ['a net without a driver', 'module m(input a, output y); wire b; assign y = b & a; endmodule', 'undriven'],
  ['a net with two drivers', 'module m(input a, b, output y); assign y = a; assign y = b; endmodule', 'multiple-drivers'],
  ['a loop', 'module m(input a, output y); assign y = ~(y & a); endmodule', 'combinational-loop'],
  ['a latch', 'module m(input a, b, output reg y); always @(*) if (a) y = b; endmodule', 'latch'],
  ['a register that is assigned like a net', 'module m(input a, output reg y); assign y = a; endmodule', 'procedural-net'],
  ['an index out of range', 'module m(input [3:0] a, output y); assign y = a[7]; endmodule', 'out-of-range'],
  ['a module from elsewhere', 'module m(input a, output y); other u(.a(a), .y(y)); endmodule', 'missing-module'],
] as const) {
  test(`${what} lowers the grade`, async (t) => {
    const { outcome, warnings, grade } = await checker.syntax('verilog', source)
    t.is(outcome, 'pass')
    t.true(warnings.some((warning) => warning.kind === kind), JSON.stringify(warnings))
    t.true(grade > 0 && grade < 1)
  })
}

test('a clean design has the full grade, and a broken one none', async (t) => {
  t.like(await checker.syntax('verilog', FIFO), { outcome: 'pass', grade: 1, warnings: [] })
  const broken = await checker.syntax('verilog', 'module m(input a, output y);\nassign y = ;\nendmodule')
  t.like(broken, { outcome: 'fail', grade: 0 })
  t.regex(broken.reason, /^line 2: syntax error/)
  for (const empty of ['', '// nothing', 'hello']) t.is((await checker.syntax('verilog', empty)).outcome, 'fail')
})

test('always_comb does not need to be perfect to be read', async (t) => {
  t.is((await checker.syntax('verilog', 'module m(input [3:0] a, output logic [3:0] y); always_comb for (int i = 0; i < 4; i++) y[i] = a[3 - i]; endmodule')).outcome, 'pass')
})

test('synthesis counts cells, depth and flip-flops', async (t) => {
  const { outcome, cells, depth, flipFlops } = await checker.synthesis(ACCUMULATOR)
  t.deepEqual([outcome, flipFlops], ['pass', 8])
  t.true(cells > 20 && cells < 100 && depth > 3 && depth < 30)
  t.is((await checker.synthesis('')).outcome, 'fail')
})

test('a question that was asked before is answered from memory', async (t) => {
  const first = await checker.equivalence('verilog', FIFO, FIFO.replace('wp + 1', 'wp + 3'))
  const before = await checker.statistics()
  t.deepEqual(await checker.equivalence('verilog', FIFO, FIFO.replace('wp + 1', 'wp + 3')), { ...first, milliseconds: 0 })
  t.is((await checker.statistics()).fromCache, before.fromCache + 1)
})

for (const [domain, source] of [['verilog', HANGING], ['qasm', ENDLESS]] as const) {
  test(`a design that hangs the ${domain} tools is unknown, and the next one is checked`, async (t) => {
    const own = openChecker({ workers: 1, timeoutMs: 4000 })
    const verdict = await own.syntax(domain, source)
    t.is(verdict.outcome, 'unknown')
    t.regex(verdict.reason, /no verdict within 4000 ms|broke down/)
    const { timeouts, crashes } = await own.statistics()
    t.is(timeouts + crashes, 1)
    t.is((await own.syntax('qasm', BELL)).outcome, 'pass')
    await own.close()
  })
}

test('a design that takes more memory than a tool may have is unknown, and the next one is checked', async (t) => {
  const own = openChecker({ workers: 1, timeoutMs: 120_000 })
  const huge = 'module m(input a, output [15999999:0] y, z, w, v); assign y = {16000000{a}}; assign z = ~y; assign w = y ^ z; assign v = y + w; endmodule'
  const { outcome, reason } = await own.syntax('verilog', huge)
  t.is(outcome, 'unknown')
  t.regex(reason, /out of memory/)
  t.is((await own.syntax('verilog', ACCUMULATOR)).outcome, 'pass')
  await own.close()
})

test('a design sees no files of the host', async (t) => {
  const { outcome, reason } = await checker.syntax('verilog', '`include "/etc/passwd"\nmodule m; endmodule')
  t.is(outcome, 'fail')
  t.regex(reason, /Can't open include file|not found/i)
  const memory = await checker.syntax('verilog', 'module m(input [3:0] a, output [7:0] y); reg [7:0] r [0:15]; initial $readmemh("/etc/hostname", r); assign y = r[a]; endmodule')
  t.is(memory.outcome, 'fail')
})

test('sources beyond the limit are refused without a tool', async (t) => {
  const long = `// ${'x'.repeat(300_000)}\n${ACCUMULATOR}`
  t.is((await checker.syntax('verilog', long)).outcome, 'fail')
  t.is((await checker.equivalence('verilog', ACCUMULATOR, long)).outcome, 'fail')
  t.is((await checker.equivalence('verilog', long, ACCUMULATOR)).outcome, 'unknown')
})

test('requests of another form are refused', async (t) => {
  await t.throwsAsync(checker.syntax('vhdl' as 'verilog', ''), { instanceOf: QualityError, code: 'CHECKER_REQUEST_INVALID' })
})

test('a closed checker refuses checks, those under way included', async (t) => {
  const own = openChecker({ workers: 1, timeoutMs: 60_000 })
  const hung = own.syntax('qasm', ENDLESS)
  const waiting = own.syntax('qasm', BELL)
  await own.close()
  for (const check of [hung, waiting, own.syntax('qasm', BELL)]) await t.throwsAsync(check, { instanceOf: QualityError, code: 'CHECKER_CLOSED' })
})

test('hostile text gets a verdict', async (t) => {
  const words = fc.constantFrom('module', 'm', '(', ')', ';', 'endmodule', 'input', 'output', 'reg', '[', ']', ':', '0', '9999999999', '\'bx', 'assign', '=', '<=', 'always', '@', '*', 'begin', 'end', 'if', '`define', '`include', '"', '\\', '$display', 'generate', 'for', '{', '}', '\n', '\0', 'é')
  await fc.assert(fc.asyncProperty(fc.array(words, { maxLength: 30 }).map((list) => list.join(' ')), async (text) => {
    const verdict = await checker.equivalence('verilog', 'module m(input a, output y); assign y = a; endmodule', text)
    t.true(verdict.outcome === 'fail' || verdict.outcome === 'unknown')
    t.true(verdict.reason.length > 0)
  }), { numRuns: 25 })
})

test('metrics stay in [0, 1] and are relative to the reference', async (t) => {
  const input = { domain: 'verilog', specification: '', design: ACCUMULATOR, reference: ACCUMULATOR } as const
  const { value, parts } = await scoreDesign(checker, [{ name: 'syntax', weight: 1 }, { name: 'equivalence', weight: 2 }, { name: 'area', weight: 1 }, { name: 'depth', weight: 1 }, { name: 'two-qubit', weight: 9 }], input)
  t.is(value, 1)
  t.deepEqual(Object.keys(parts), ['syntax', 'equivalence', 'area', 'depth'])
  const larger = await builtInMetric('area').score({ ...input, design: FIFO }, checker)
  t.true(larger.value > 0 && larger.value < 1)
  t.is((await builtInMetric('depth').score({ ...input, design: 'nothing' }, checker)).value, 0)
  t.is((await builtInMetric('two-qubit').score({ domain: 'qasm', specification: '', design: BELL.replace('cx q[0], q[1];', 'cx q[0], q[1]; cx q[0], q[1];'), reference: BELL }, checker)).value, 0.5)
  t.throws(() => builtInMetric('beauty'), { instanceOf: QualityError, code: 'METRIC_UNKNOWN' })
})

test('a WebAssembly memory cannot grow beyond its cap', async (t) => {
  // (module (memory (export "m") 1))
  const binary = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 5, 3, 1, 0, 1, 7, 5, 1, 1, 109, 2, 0)
  const { instance } = await WebAssembly.instantiate(capMemory(binary, 3 * 65536))
  const memory = instance.exports.m as WebAssembly.Memory
  t.is(memory.grow(2), 1)
  t.throws(() => memory.grow(1), { instanceOf: RangeError })
})

test('a cache forgets what was used longest ago', (t) => {
  const cache = new Cache<string>(3)
  for (const key of ['a', 'b', 'c']) cache.set(key, key)
  cache.get('a')
  cache.set('d', 'd')
  t.deepEqual(['a', 'b', 'c', 'd'].map((key) => cache.get(key)), ['a', undefined, 'c', 'd'])
  cache.set('e', 'e', 4)
  t.is(cache.get('e'), undefined)
  cache.set('f', 'f', 3)
  t.deepEqual(['a', 'c', 'd', 'f'].map((key) => cache.get(key)), [undefined, undefined, undefined, 'f'])
})
