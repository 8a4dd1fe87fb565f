import test from 'ava'
import fc from 'fast-check'

import { createRandom } from '../../src/telemetry/index.js'
import { compileTools } from '../../src/quality/checker/tools.js'
import { nearMisses } from '../../src/quality/near-misses/index.js'
import { parseRtlil } from '../../src/quality/verilog/rtlil.js'
import { prepare } from '../../src/quality/verilog/prepare.js'
import { ask } from '../../src/quality/verilog/sat.js'
import { sameLogic, simulated } from '../../src/quality/verilog/simulation/design.js'
import { GateCircuit, TRUE, UNDEFINED } from '../../src/quality/verilog/simulation/gates.js'
import { searchDifference } from '../../src/quality/verilog/simulation/search.js'
import { Yosys } from '../../src/quality/verilog/yosys.js'

const BINARY = ['+', '-', '*', '/', '%', '&', '|', '^', '~^', '<<', '>>', '<<<', '>>>', '<', '<=', '>', '>=', '==', '!=', '&&', '||']
const UNARY = ['~', '!', '-', '&', '|', '^', '~&', '~|', '~^']

let yosys: Yosys
test.before(async () => { yosys = await Yosys.load((await compileTools()).yosys) })

/** A design, and what Yosys makes of it with gates only. */
function asGates(source: string): { cells: string, gates: string } {
  const run = yosys.run('read_verilog -sv d.sv; hierarchy -auto-top; proc -norom; opt_expr -keepdc; opt_clean; write_rtlil cells.il; techmap; simplemap; opt_clean; write_rtlil gates.il', { 'd.sv': source })
  if (!run.ok) throw new Error(run.messages)
  return { cells: run.files['cells.il']!, gates: run.files['gates.il']! }
}

const search = (gold: string, gate: string): ReturnType<typeof searchDifference> => searchDifference(gold, gate, { clocks: [], resets: [], stateful: false, effort: 1e6 })

test('every operator does what Yosys\' own gates for it do', (t) => {
  const word = fc.record({ width: fc.integer({ min: 1, max: 6 }), signed: fc.boolean() })
  fc.assert(fc.property(word, word, fc.integer({ min: 1, max: 7 }), fc.integer(), (a, b, width, seed) => {
    const random = createRandom(seed)
    const pick = (list: readonly string[]): string => list[Math.floor(random() * list.length)]!
    const declare = (name: string, { width, signed }: { width: number, signed: boolean }): string => `input ${signed ? 'signed ' : ''}[${width - 1}:0] ${name}`
    const outputs = Array.from({ length: 10 }, (_, i) => i < 8 ? `a ${pick(BINARY)} b` : `${pick(UNARY)}a`)
    const source = `module m(${declare('a', a)}, ${declare('b', b)}, ${outputs.map((_, i) => `output [${width - 1}:0] y${i}`).join(', ')}); ${outputs.map((text, i) => `assign y${i} = ${text};`).join(' ')} endmodule`
    const { cells, gates } = asGates(source)
    // Where an operator is undefined, as in a division by zero, Yosys' gates have some value.
    const found = search(cells, gates)
    t.not(found.kind, 'differs', `${source} ${JSON.stringify(found)}`)
    if (!/[/%]/.test(outputs.join())) t.is(found.kind, 'equal', source)
  }), { numRuns: 25 })
})

test('selections and conditional operators do what Yosys\' own gates for them do', (t) => {
  for (const body of [
    'y = s[0] ? a : b', 'y = a[s]', 'y = a[s +: 2]', 'y = {a, b} >> s', 'y = $signed(a) >>> s',
    'case (s) 0: y = a; 1: y = b; 2: y = a + b; default: y = 0; endcase', 'casez (s) 3\'b1??: y = a; 3\'b01?: y = b; default: y = ~a; endcase',
    'begin y = a; y[s] = b[0]; end', 'begin y = 0; for (integer i = 0; i < 4; i = i + 1) y = y + a[i]; end',
  ]) {
    const { cells, gates } = asGates(`module m(input [3:0] a, b, input [2:0] s, output reg [3:0] y); always @(*) ${body}; endmodule`)
    t.not(search(cells, gates).kind, 'differs', body)
  }
})

test('a known bit is known whatever the unknown ones are', (t) => {
  const choice = fc.array(fc.tuple(fc.constantFrom('and', 'xor', 'mux'), fc.nat(), fc.nat(), fc.nat()), { minLength: 1, maxLength: 30 })
  fc.assert(fc.property(choice, fc.integer(), (gates, seed) => {
    const circuit = new GateCircuit()
    const literals = [TRUE, UNDEFINED, ...Array.from({ length: 4 }, () => circuit.source())]
    const sources = literals.slice(2)
    for (const [kind, a, b, c] of gates) {
      const at = (i: number): number => literals[Math.floor(i / 2) % literals.length]! ^ (i & 1)
      literals.push(kind === 'and' ? circuit.and(at(a), at(b)) : kind === 'xor' ? circuit.xor(at(a), at(b)) : circuit.mux(at(a), at(b), at(c)))
    }
    const random = createRandom(seed)
    const word = (): number => random() * 2 ** 32 | 0
    const [vague, exact] = [circuit.compile(), circuit.compile()]
    for (const source of sources) {
      const [value, known] = [word(), word()]
      exact.set(source, value)
      vague.set(source, value & known, ~value & known)
    }
    vague.evaluate()
    exact.evaluate()
    for (const literal of literals) t.is(vague.values[literal]! & (exact.values[literal ^ 1]!), 0)
  }), { numRuns: 150 })
})

const DESIGNS = [
  `module m(input clk, input rst, input [3:0] d, input en, output reg [3:0] q, output y);
     assign y = en ? ^q : q > d;
     always @(posedge clk) if (rst) q <= 4'd3; else if (en) q <= q + d;
   endmodule`,
  `module m(input clk, input rst_n, input x, output reg y, output reg [2:0] n);
     reg [1:0] s;
     always @(posedge clk or negedge rst_n) if (!rst_n) begin s <= 0; n <= 0; end else begin
       case (s) 0: s <= x ? 1 : 0; 1: s <= x ? 2 : 0; default: s <= x ? 2 : 0; endcase
       if (s == 2) n <= n + 1;
     end
     always @(*) y = s == 2 && n != 3;
   endmodule`,
]

test('the solver never proves equal what the simulation tells apart, and never the other way round', (t) => {
  let both = 0
  for (const [i, source] of DESIGNS.entries()) {
    const gold = prepare(yosys, source)
    if ('refused' in gold) throw new Error(gold.refused)
    for (const { design, change } of nearMisses('verilog', source, createRandom(i)).slice(0, 25)) {
      const gate = prepare(yosys, design, 'm')
      if ('refused' in gate || gate.loops.length > 0) continue
      const { clocking } = gold.netlist
      const found = searchDifference(gold.rtlil, gate.freeRtlil, { clocks: ['clk'], resets: clocking.resets, stateful: true, effort: 1e6 })
      const answer = ask(yosys, {
        gold: gold.freeRtlil, gate: gate.freeRtlil, time: { kind: 'clocked', clocks: ['clk'] }, resets: clocking.resets, resetCycles: 2,
        start: [], alsoEqual: [], undefinedValues: false, maximumSteps: 8,
      })
      if (found.kind === 'differs') t.not(answer.kind, 'proved', change)
      if (answer.kind === 'proved') t.not(found.kind, 'differs', change)
      if (sameLogic(parseRtlil(gold.rtlil)[0]!, parseRtlil(gate.rtlil)[0]!)) t.not(answer.kind, 'differs', change)
      if (found.kind === 'differs' && answer.kind === 'differs') both++
    }
  }
  t.true(both > 10)
})

test('logic is recognised as the same under other names and orders, and not where it differs', (t) => {
  const rtlil = (source: string): Parameters<typeof sameLogic>[0] => {
    const prepared = prepare(yosys, source)
    if ('refused' in prepared) throw new Error(prepared.refused)
    return parseRtlil(prepared.rtlil)[0]!
  }
  const base = rtlil('module m(input clk, input [3:0] a, b, output reg [3:0] q); wire [3:0] s = a + b; always @(posedge clk) q <= s & ~q; endmodule')
  t.true(sameLogic(base, rtlil('module m(input clk, input [3:0] a, b, output reg [3:0] q); always @(posedge clk) q <= ~q & (b + a); endmodule')))
  t.false(sameLogic(base, rtlil('module m(input clk, input [3:0] a, b, output reg [3:0] q); always @(negedge clk) q <= ~q & (b + a); endmodule')))
  t.false(sameLogic(base, rtlil('module m(input clk, input [3:0] a, b, output reg [3:0] q); initial q = 0; always @(posedge clk) q <= ~q & (b + a); endmodule')))
})

test('a design with a loop is not simulated', (t) => {
  const { cells } = asGates('module m(input a, output y); wire w; assign w = ~(w & a); assign y = w; endmodule')
  t.throws(() => simulated(parseRtlil(cells)[0]!), { message: /loops/ })
})
