import test from 'ava'
import fc from 'fast-check'

import { qasmProgram, verilogModules } from '../../src/corpus/modules.js'
import { deriveSpecification, verilogPorts } from '../../src/corpus/specification.js'
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

test('a whole OpenQASM file is one design without its first comments', (t) => {
  const [found] = qasmProgram('// Bell pair\nOPENQASM 2.0;\nqreg q[2];\n', 'bell.qasm')
  t.is(found!.header, 'Bell pair')
  t.true(found!.design.startsWith('OPENQASM'))
  t.deepEqual(qasmProgram('just words', 'x.qasm'), [])
})

test('ports are found in both styles of declaration', (t) => {
  t.deepEqual(verilogPorts('module m(input wire clk, input [7:0] a, b, output reg q);'), ['input clk', 'input [7:0] a', 'input [7:0] b', 'output q'])
  t.deepEqual(verilogPorts('module m(a, y); input [1:0] a; output y;'), ['input [1:0] a', 'output y'])
})

test('a derived specification says what the header says, without who owns it', (t) => {
  const [found] = verilogModules('// Copyright 2019 Example Corp.\n// Licensed under the Apache License\n// Counts rising edges.\nmodule edges(input clk, output [3:0] n); endmodule', 'x.v')
  t.is(deriveSpecification(found!), 'Verilog module edges. Counts rising edges. Ports: input clk, output [3:0] n.')
})
