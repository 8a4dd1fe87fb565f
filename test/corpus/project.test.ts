import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'

import test from 'ava'
import fc from 'fast-check'

import { scanCorpus } from '../../src/corpus/index.js'
import type { Corpus } from '../../src/corpus/index.js'
import { Library } from '../../src/corpus/library.js'
import { readable } from '../../src/corpus/readable.js'
import { readScope } from '../../src/corpus/scope.js'
import { openChecker } from '../../src/quality/index.js'

const checker = openChecker({ workers: 1 })
test.after.always(() => checker.close())

async function scanned(files: Readonly<Record<string, string>>): Promise<Corpus> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'meshwright-project-'))
  try {
    for (const [name, text] of Object.entries(files)) {
      await mkdir(path.dirname(path.join(folder, name)), { recursive: true })
      await writeFile(path.join(folder, name), text)
    }
    return await scanCorpus([folder], { checker })
  } finally {
    await rm(folder, { recursive: true })
  }
}

const PLAIN = 'module plain(input clk, input [7:0] d, output reg [7:0] q, output reg [7:0] r); always @(posedge clk) begin q <= d; r <= q ^ 8\'h1c; end endmodule\n'
const PACKAGE = `package deep_pkg; localparam int unsigned Width = 4; endpackage
package op_pkg;
  import deep_pkg::*;
  typedef enum logic [1:0] { ADD, SUB, AND_OP } op_e;
  typedef struct packed { logic [Width-1:0] value; logic valid; } result_t;
  class unreadable; rand int x; endclass
  function automatic logic [3:0] inverted(logic [3:0] v); return ~v; endfunction
endpackage
`
const ALU = `// Adds, subtracts or combines two numbers.
module alu import op_pkg::*; #(parameter op_e Idle = ADD) (input op_e op_i, input [deep_pkg::Width-1:0] a_i, b_i, output result_t y_o);
  always_comb begin
    unique case (op_i)
      ADD: y_o = '{value: a_i + b_i, valid: op_i != Idle};
      op_pkg::SUB: y_o = '{value: a_i - b_i, valid: 1'b1};
      default: y_o = '{value: inverted(a_i) & b_i, valid: 1'b0};
    endcase
  end
endmodule
`

test('a design that imports packages is checked together with what it uses of them', async (t) => {
  const { examples, report } = await scanned({ 'rtl/alu.sv': ALU, 'include/pkg.sv': PACKAGE })
  t.is(report.kept, 1)
  t.is(examples[0]!.design, ALU.slice(ALU.indexOf('module')))
  t.is(examples[0]!.specification, 'Verilog module alu. Adds, subtracts or combines two numbers. Parameters: Idle = ADD. Ports: input op_e op_i, input [deep_pkg::Width-1:0] a_i, input [deep_pkg::Width-1:0] b_i, output result_t y_o.')
})

test('without its package, a part is missing; with a mistake, it does not parse', async (t) => {
  const { report } = await scanned({ 'alu.sv': ALU, 'plain.v': PLAIN })
  t.deepEqual(report.leftOut, { 'part missing': 1 })
  const mistaken = await scanned({ 'alu.sv': ALU.replace('endcase', ''), 'pkg.sv': PACKAGE, 'plain.v': PLAIN })
  t.deepEqual(mistaken.report.leftOut, { 'does not parse': 1, 'no design': 1 })
})

test('included files are found beside the design, in another folder, and through others', async (t) => {
  const user = (name: string): string => `\`include "${name}"\nmodule user(input clk, input [\`W-1:0] d, output reg [\`W-1:0] q, output reg [\`W-1:0] r); \`CHECK(x, d |-> q) always @(posedge clk) begin q <= d; r <= q + 1; end endmodule\n`
  const macros = '`define W 4\n`define CHECK(name, what)\n'
  for (const [name, files] of [['w.vh', { 'rtl/w.vh': macros }], ['w.svh', { 'inc/w.svh': macros }], ['all.vh', { 'inc/all.vh': '`include "w.h"\n', 'inc/w.h': macros }]] as const) {
    const { report } = await scanned({ ...files, 'rtl/user.sv': user(name) })
    t.is(report.kept, 1, name)
  }
  const { report } = await scanned({ 'rtl/user.sv': user('gone.vh'), 'plain.v': PLAIN })
  t.is(report.leftOut['part missing'], 1)
})

test('macros, types and functions may stand in another file of the project, or around the module', async (t) => {
  const { report } = await scanned({
    'defines.v': '`define WIDTH 8\n',
    'user.sv': 'typedef logic [`WIDTH-1:0] word_t;\nmodule user(input clk, input word_t d, output word_t q); word_t r; always_ff @(posedge clk) begin r <= d + 8\'d3; q <= r ^ d; end endmodule\n',
  })
  t.is(report.kept, 1)
})

test('modules of the project cost nothing where they are used, those of nobody do', async (t) => {
  const top = (part: string): string => `module top(input clk, input [7:0] d, output [7:0] q, output [7:0] r); wire [7:0] m; ${part} u(.clk(clk), .d(d), .q(m), .r(r)); assign q = m ^ d ^ {d[3:0], m[7:4]} ^ 8'h55; endmodule\n`
  const known = await scanned({ 'plain.v': PLAIN, 'top.v': top('plain') })
  t.is(known.examples.find(({ source }) => source === 'top.v')!.grade, 0.5)
  const foreign = await scanned({ 'plain.v': PLAIN, 'top.v': top('vendor_cell') })
  t.is(foreign.examples.find(({ source }) => source === 'top.v')!.grade, 0.4)
})

test('ports connected by .* are known from the other module', async (t) => {
  const { report } = await scanned({ 'plain.v': PLAIN, 'top.sv': 'module top(input clk, input [7:0] d, output [7:0] r, output [7:0] s); wire [7:0] q; plain u(.*); assign s = q + r + d + 8\'d7; endmodule\n' })
  t.is(report.kept, 2)
})

test('what has no outputs is a test bench', async (t) => {
  const { report } = await scanned({ 'plain.v': PLAIN, 'a.v': 'module stimulus; reg a; initial a = 1; endmodule', 'b.sv': 'module checks(input clk, input a); assert property (@(posedge clk) a); endmodule' })
  t.deepEqual(report.leftOut, { 'test bench': 2 })
})

test('a memory that is filled from a file is a design', async (t) => {
  const { report } = await scanned({ 'rom.v': 'module rom(input clk, input [3:0] a, output reg [7:0] q); reg [7:0] m [0:15]; initial $readmemh("rom.hex", m); always @(posedge clk) q <= m[a]; endmodule' })
  t.is(report.kept, 1)
})

test('any text can be read as a scope and made readable', (t) => {
  const text = fc.array(fc.constantFrom('package p;', 'endpackage', 'typedef', 'enum', '{', '}', 'A', ',', ';', 'function', 'endfunction', 'return', 'import p::*;', 'p::A', 'parameter type T = ', 'assert', '(', ')', '`M', '`ifdef X', '\n', 'class', '\'{', 'default:', '"'), { maxLength: 40 }).map((parts) => parts.join(' '))
  fc.assert(fc.property(text, (said) => {
    readScope(said)
    t.is(typeof readable(said), 'string')
  }), { numRuns: 500 })
})

test('a file that includes itself, and packages that import each other, come to an end', async (t) => {
  const { report } = await scanned({
    'loop.vh': '`include "loop.vh"\n',
    'a.sv': 'package a; import b::*; typedef logic [B-1:0] t; localparam A = 2; endpackage\npackage b; import a::*; localparam B = A; endpackage\n`include "loop.vh"\nmodule user import a::*; (input clk, input t d, output t q, output t r); always_ff @(posedge clk) begin q <= d; r <= q ^ d; end endmodule\n',
  })
  t.is(report.kept, 1)
  t.is((await Library.read(['/nowhere.v'])).hasModule('x'), false)
})
