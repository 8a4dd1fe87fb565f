import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

import test from 'ava'
import fc from 'fast-check'

import { findPackageRoot } from '../../src/config/index.js'
import { hopeless, openChecker } from '../../src/quality/index.js'

const COUNTER = `module counter(input clk, input rst, output reg [3:0] q);
  (* keep *) wire [3:0] next = {q[2:0], q[3]};
  always @(*) begin
  end
  always @(posedge clk) begin
    case (q)
      4'd9: q <= 0;
      default: q <= rst ? 4'd0 : q + 1;
    endcase
  end
endmodule
`
const BELL = `OPENQASM 2.0;
include "qelib1.inc";
qreg q[2];
creg c[2];
h q[0];
cx q[0], q[1];
measure q[1] -> c[1];
`

/** Real designs, where the bench folder is there. */
function realDesigns(): { readonly domain: 'verilog' | 'qasm', readonly source: string }[] {
  const folder = path.join(findPackageRoot(), '..', 'shared', 'bench', 'qasmbench-small')
  try {
    return readdirSync(folder).filter((name) => name.endsWith('.qasm')).map((name) => ({ domain: 'qasm' as const, source: readFileSync(path.join(folder, name), 'utf8') }))
  } catch {
    return []
  }
}

test('no beginning of a right design is hopeless', (t) => {
  const designs = [{ domain: 'verilog' as const, source: COUNTER }, { domain: 'qasm' as const, source: BELL }, ...realDesigns()]
  fc.assert(fc.property(fc.constantFrom(...designs), fc.double({ min: 0, max: 1, noNaN: true }), ({ domain, source }, share) => {
    const why = hopeless(domain, source.slice(0, Math.floor(share * source.length)))
    t.is(why, undefined, source)
  }), { numRuns: 500 })
})

test('what is closed without being open, a module within another, and qubits that are not there are told', (t) => {
  for (const [domain, text] of [
    ['verilog', 'module m(input a); assign b = a; end '],
    ['verilog', 'module m(input a)); '],
    ['verilog', 'module m(input a); begin endmodule '],
    ['verilog', 'module m(input a); assign y = a; module n(input b); '],
    ['verilog', 'module m(input a); case (a) endmodule '],
    ['qasm', 'qreg q[2];\nh q[2];\n'],
    ['qasm', 'qubit[3] q;\ncx q[0], q[7];\n'],
    ['qasm', 'qreg q[2];\nh q[0]];\n'],
    ['qasm', 'qreg q[2];\nh q[0]$;\n'],
  ] as const) t.is(typeof hopeless(domain, text), 'string', text)
})

test('what a macro or a scope may change is not judged, nor what is not complete yet', (t) => {
  for (const [domain, text] of [
    ['verilog', '`define END end\nmodule m; end '],
    ['verilog', 'module m(input a); assign b = a; end'],
    ['qasm', 'qreg q[2];\nh q[2'],
    ['qasm', 'gate g(a) q { rz(a) q; }\nqreg q[2];\nh q[3];\n'],
  ] as const) t.is(hopeless(domain, text), undefined, text)
})

test('whatever is hopeless is refused by the checkers, however it goes on', async (t) => {
  const checker = openChecker({ workers: 1 })
  for (const [domain, text] of [['verilog', 'module m(input a, output b); assign b = a; end '], ['verilog', 'module m(input a, output b); assign b = a; module n; endmodule '], ['qasm', `${BELL}h q[2];\n`]] as const) {
    t.is(typeof hopeless(domain, text), 'string')
    for (const rest of ['', 'endmodule\n', 'x q[0];\n']) t.is((await checker.syntax(domain, text + rest)).outcome, 'fail', text + rest)
  }
  await checker.close()
})

test('any text at all is judged without an error', (t) => {
  t.notThrows(() => fc.assert(fc.property(fc.constantFrom('verilog' as const, 'qasm' as const), fc.string({ maxLength: 200 }), (domain, text) => {
    hopeless(domain, text)
  })))
})
