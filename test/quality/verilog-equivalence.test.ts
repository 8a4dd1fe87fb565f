import test from 'ava'

import type { Checker } from '../../src/quality/index.js'
import { openChecker } from '../../src/quality/index.js'
import { ACCUMULATOR, FIFO, PAIRS } from './verilog-pairs.js'

let checker: Checker
test.before(() => { checker = openChecker({ workers: 2, timeoutMs: 60_000 }) })
test.after.always(() => checker.close())

for (const { what, reference, edit: [from, to], outcome } of PAIRS) {
  test(`${what}: ${outcome}`, async (t) => {
    t.true(reference.includes(from))
    const verdict = await checker.equivalence('verilog', reference, reference.replace(from, to))
    t.is(verdict.outcome, outcome, verdict.reason)
    t.true(verdict.reason.length > 10)
  })
}

test('layout and comments make no difference', async (t) => {
  const { outcome, reason } = await checker.equivalence('verilog', ACCUMULATOR, `// the same\n${ACCUMULATOR.replaceAll(';', ' /* end */ ;\n\n')}`)
  t.deepEqual([outcome, reason], ['pass', 'the same text as the reference'])
})

test('a failure names the output, its values and the inputs', async (t) => {
  const { reason } = await checker.equivalence('verilog', 'module m(input [3:0] a, output [3:0] y); assign y = a; endmodule', 'module m(input [3:0] a, output [3:0] y); assign y = a & 4\'hb; endmodule')
  t.regex(reason, /^output "y" is 4'h[0-9a-f] instead of 4'h[0-9a-f], with a=4'h[0-9a-f]$/)
})

test('a failure after reset names the cycle and the reset', async (t) => {
  const { reason } = await checker.equivalence('verilog', FIFO, FIFO.replace('rp + 1', 'rp + 2'))
  t.regex(reason, /in cycle \d+ after reset by "rst_n", with /)
})

test('a port that does not fit is named with both widths', async (t) => {
  const { reason } = await checker.equivalence('verilog', ACCUMULATOR, ACCUMULATOR.replace('input [7:0] d', 'input [3:0] d'))
  t.is(reason, 'the candidate has input "d" of 4 bits where the reference has input "d" of 8 bits')
})

test('what is not proved is unknown, and passes only up to a bound that the caller accepts', async (t) => {
  // The two differ when the counters meet after about a million cycles, far beyond any search.
  const wide = 'module m(input clk, input rst, output reg y); reg [20:0] c; always @(posedge clk) if (rst) begin c <= 0; y <= 0; end else begin c <= c + 1; y <= c == 21\'h1ffff0; end endmodule'
  const other = wide.replace('1ffff0', '1ffff1')
  const verdict = await checker.equivalence('verilog', wide, other)
  t.is(verdict.outcome, 'unknown')
  t.regex(verdict.reason, /^bounded: equal for 24 cycles after reset by "rst"/)
  const accepted = await checker.equivalence('verilog', wide, other, { boundedPass: 32 })
  t.is(accepted.outcome, 'pass')
  t.regex(accepted.reason, /^bounded: equal for 32 cycles/)
})

test('a reference that is wrong itself judges nobody', async (t) => {
  t.is((await checker.equivalence('verilog', 'module m(', ACCUMULATOR)).outcome, 'unknown')
  t.is((await checker.equivalence('verilog', 'module m(output y); reg y; always #10 y = ~y; endmodule', 'module m(output y); reg y; always #20 y = ~y; endmodule')).outcome, 'unknown')
})

test('names that a solver script could take for commands do no harm', async (t) => {
  const hostile = 'module m(input clk, input \\a;!ls , output reg \\q;write_file ); always @(posedge clk) \\q;write_file <= \\a;!ls ; endmodule'
  t.is((await checker.equivalence('verilog', hostile, hostile.replace('<=', '<= !'))).outcome, 'fail')
  t.is((await checker.equivalence('verilog', hostile, hostile.replace('<=', '<= !!'))).outcome, 'pass')
})
