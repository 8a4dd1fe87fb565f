import test from 'ava'
import fc from 'fast-check'

import { qasmProgram, verilogModules } from '../../src/corpus/modules.js'
import { codeOnly, pieces } from '../../src/corpus/text.js'

const verilogish = fc.array(fc.constantFrom('module', ' m ', 'endmodule', '//', '/*', '*/', '"', '\n', '\\', 'a', ';', '`define X', ' '), { maxLength: 30 }).map((parts) => parts.join(''))

test('pieces joined are the text, and code without comments keeps every position', (t) => {
  fc.assert(fc.property(verilogish, (text) => {
    t.is(pieces(text).map((piece) => piece.text).join(''), text)
    t.is(codeOnly(text).length, text.length)
  }), { numRuns: 1000 })
})

test('any text splits into modules without an error, and each begins and ends as a module does', (t) => {
  fc.assert(fc.property(verilogish, (text) => {
    for (const { design } of verilogModules(text, 'x.v')) t.regex(design, /^module[\s\S]*endmodule$/)
  }), { numRuns: 1000 })
})

test('a file of several modules gives each with its own header', (t) => {
  const found = verilogModules(`// Adds two numbers.
module adder(input [3:0] a, b, output [3:0] y); assign y = a + b; endmodule
/* the word module in a comment: endmodule */
module inverter(input a, output y); assign y = ~a; // module
endmodule : inverter
`, 'two.v')
  t.deepEqual(found.map(({ header }) => header), ['Adds two numbers.', 'the word module in a comment: endmodule'])
  t.true(found[1]!.design.endsWith('endmodule : inverter'))
})

test('directives before a module go with it, and so do those of earlier modules', (t) => {
  const [, second] = verilogModules('`define W 4\nmodule a; endmodule\n`define V 2\nmodule b; wire [`W-1:0] x; endmodule\n', 'x.v')
  t.is(second!.prelude, '`define W 4\n`define V 2\n')
})

test('a module within a conditional keeps the branch that it stands in', (t) => {
  const found = verilogModules('`ifndef GUARD\n`define GUARD\n`ifdef FAST\n`define W 8\nmodule a; endmodule\n`else\n`define W 4\nmodule b; endmodule\n`endif\nmodule c; endmodule\n`endif\n', 'x.v')
  t.is(found[0]!.prelude, '`define GUARD\n`ifndef FAST\n`define FAST\n`endif\n`define W 8\n')
  t.is(found[1]!.prelude, '`define GUARD\n`define W 4\n')
  t.is(found[2]!.prelude, '`define GUARD\n`ifdef FAST\n`define W 8\n`else\n`define W 4\n`endif\n')
})

test('comments inside other code of the file are no part of a header', (t) => {
  const [found] = verilogModules('// The top.\n`include "x.vh"\npackage p; // its constants\nlocalparam A = 1; /* one */ endpackage\n// The adder.\nmodule a; endmodule', 'x.sv')
  t.is(found!.header, 'The top.\n\nThe adder.')
})

test('a whole OpenQASM file is one design without its first comments', (t) => {
  const [found] = qasmProgram('// Bell pair\nOPENQASM 2.0;\nqreg q[2];\n', 'bell.qasm')
  t.is(found!.header, 'Bell pair')
  t.true(found!.design.startsWith('OPENQASM'))
  t.deepEqual(qasmProgram('just words', 'x.qasm'), [])
})
