import test from 'ava'
import fc from 'fast-check'

import { createRandom } from '../../src/telemetry/index.js'
import { nearMisses, openChecker, provenDifferent, provenNearMisses } from '../../src/quality/index.js'
import { normalise, relaxAlwaysComb, tokenise } from '../../src/quality/verilog/lexer.js'
import { ACCUMULATOR, FIFO } from './verilog-pairs.js'

const CIRCUIT = 'OPENQASM 3.0;\ninclude "stdgates.inc";\nqubit[3] q;\nbit[3] c;\nh q[0];\ncx q[0], q[1];\nrz(pi / 4) q[2];\ncp(pi / 2) q[0], q[2];\nh q;\nc = measure q;\n'

test('near misses differ from the source and from each other, and repeat with the seed', (t) => {
  for (const [domain, source] of [['verilog', ACCUMULATOR], ['verilog', FIFO], ['qasm', CIRCUIT]] as const) {
    const misses = nearMisses(domain, source, createRandom(1))
    t.true(misses.length >= 12)
    t.is(new Set([source, ...misses.map(({ design }) => design)]).size, misses.length + 1)
    t.deepEqual(nearMisses(domain, source, createRandom(1)), misses)
    t.notDeepEqual(nearMisses(domain, source, createRandom(2)), misses)
  }
})

test('each kind of change is made', (t) => {
  const kinds = (domain: 'verilog' | 'qasm', source: string): string[] => [...new Set(nearMisses(domain, source, createRandom(1)).map(({ change }) => change.split(':')[0]!))].sort()
  t.deepEqual(kinds('verilog', FIFO), ['branch swap', 'constant', 'edge', 'name swap', 'operator', 'polarity'])
  t.deepEqual(kinds('verilog', 'module m(input a, b, output y, z); sub u(.p(a), .q(b), .r(y)); assign z = a ? a : b; endmodule'), ['branch swap', 'name swap', 'port swap'])
  t.deepEqual(kinds('qasm', CIRCUIT), ['angle', 'gate', 'index', 'operand swap', 'order', 'removed'])
})

test('names, ranges, comments, strings and directives are left alone', (t) => {
  const source = '`timescale 1ns / 1ps\nmodule m #(parameter W = 4)(input [W-1:0] plus_1, output [7:0] y); /* a + b */ localparam S = "a + b"; (* keep = 1 *) wire [7:0] posedge_x = 8\'d3; assign y = plus_1 + posedge_x; endmodule'
  for (const { design } of nearMisses('verilog', source, createRandom(1))) {
    for (const kept of ['`timescale 1ns / 1ps', 'module m #(parameter W = 4)(input [W-1:0] plus_1, output [7:0] y);', '/* a + b */', '"a + b"', '(* keep = 1 *)', 'wire [7:0]']) t.true(design.includes(kept), design)
  }
})

test('near misses that are kept parse and are proved different', async (t) => {
  const checker = openChecker({ workers: 2, timeoutMs: 60_000 })
  for (const [domain, source] of [['verilog', FIFO], ['qasm', CIRCUIT]] as const) {
    const other = domain === 'verilog' ? FIFO.replace('D = 8', 'D = 4').replaceAll('[2:0]', '[1:0]').replaceAll('[3]', '[2]').replace('[3:0] wp', '[2:0] wp') : CIRCUIT.replaceAll('q[2]', 'q[1]').replace('cx q[0], q[1]', 'cx q[0], q[2]')
    const found = await provenNearMisses(checker, domain, source, createRandom(3), { count: 6, otherParameters: [other] })
    t.is(found.length, 6)
    t.is(found[0]!.change, 'other parameters')
    for (const { design } of found) {
      t.is((await checker.syntax(domain, design)).outcome, 'pass')
      t.true(await provenDifferent(checker, domain, source, design))
    }
  }
  await checker.close()
})

test('what may be equal is not proved different', async (t) => {
  const checker = openChecker({ workers: 1, timeoutMs: 60_000 })
  const toggle = 'module m(input clk, input t, output reg q); always @(posedge clk) if (t) q <= ~q; endmodule'
  t.false(await provenDifferent(checker, 'verilog', toggle, toggle.replace('if (t)', 'if (!t)')))
  t.false(await provenDifferent(checker, 'verilog', toggle, toggle.replace('~q', '!q')))
  await checker.close()
})

test('tokens cover everything but white space, in order', (t) => {
  fc.assert(fc.property(fc.oneof(fc.string({ unit: 'binary', maxLength: 60 }), fc.array(fc.constantFrom('a', '8\'hfF', '<=', '"s', '\\x y', '//c\n', '/*', '*/', '`d', '$f', '(*', '*)', '1.5e3', '\n', ' ', '\'1')).map((list) => list.join(''))), (source) => {
    let end = 0
    for (const { text, start } of tokenise(source)) {
      t.is(source.slice(end, start).trim(), '')
      t.is(source.slice(start, start + text.length), text)
      end = start + text.length
    }
    t.is(source.slice(end).trim(), '')
  }), { numRuns: 1000 })
})

test('layout and comments vanish, and line ends stay where directives need them', (t) => {
  t.is(normalise('a  +/* x */ b // c\n;'), normalise('a\n+ b ;'))
  t.not(normalise('`define A 1\n+ 2'), normalise('`define A 1 + 2'))
  t.not(normalise('a <= b'), normalise('a < = b'))
})

test('always_comb is rewritten as a keyword only', (t) => {
  t.is(relaxAlwaysComb('always_comb y = "always_comb"; // always_comb\nwire my_always_comb;'), 'always @(*) y = "always_comb"; // always_comb\nwire my_always_comb;')
})

test('the first near misses of a design of 20,000 operators are found without making all', async (t) => {
  const design = `module m(input a, b, output y); assign y = a${' ^ b'.repeat(20_000)}; endmodule`
  const checker = openChecker({ workers: 1 })
  t.teardown(() => checker.close())
  const found = await provenNearMisses({ ...checker, syntax: () => Promise.resolve({ outcome: 'fail', reason: '', milliseconds: 0, warnings: [], grade: 0 }) }, 'verilog', design, createRandom(1), { count: 1 })
  t.deepEqual(found, [])
})
