import { nearMisses } from '../../../src/quality/index.js'
import { compareCircuits } from '../../../src/quality/qasm/equivalence.js'
import { BeyondReader, QasmFault } from '../../../src/quality/qasm/errors.js'
import { normaliseQasm } from '../../../src/quality/qasm/lexer.js'
import { measureCircuit } from '../../../src/quality/qasm/metrics.js'
import { readQir } from '../../../src/quality/qasm/qir.js'
import { readCircuit } from '../../../src/quality/qasm/reader.js'
import { normalise, relaxAlwaysComb, tokenise } from '../../../src/quality/verilog/lexer.js'
import { createRandom } from '../../../src/telemetry/index.js'

import type { Draw } from '../draw.js'
import { QASM, VERILOG } from '../examples/designs.js'
import { foreignText } from '../mutate-text.js'
import { must, surface } from '../surface.js'
import type { Surface } from '../surface.js'

const QASM_WORDS = [
  'OPENQASM 3.0;', 'include "stdgates.inc";', 'qubit[4] q;', 'qubit q;', 'bit[4] c;', 'qreg r[3];', 'h q;', 'h q[0];', 'gate g a { h a; }', 'g q[0];', 'ctrl @ ', 'ctrl(3) @ ', 'negctrl @ ', 'inv @ ', 'pow(64) @ ', 'pow(-2) @ ', 'pow(1e9) @ ',
  'for int i in [0:99999] ', 'for int i in [0:1:3] {', 'for int i in {1, 2} ', '[1e17:1:1e17]', '{', '}', '(', ')', '[', ']', ';', ',', ':', '-', '+', '*', '**', '/', '%', '!', '&&', '||', '==', '1', '0.5', '1e308', '4096', 'pi', 'sin(', 'i',
  'if (c[0]) ', 'if (c == 1) {', 'else ', 'measure q;', 'measure q -> c;', 'c = measure q;', 'reset q;', 'barrier q;', 'gphase(1);', '//', '/*', '*/', '"', '@', '->', 'constructor', 'toString ', '__proto__', '\n', ' ',
]

const STATEMENTS = [
  'h q;', 'h r[0];', 'cx r[0], r[1];', 'ctrl @ x r[0], r[1];', 'pow(64) @ x q;', 'pow(64) @ pow(64) @ pow(64) @ pow(64) @ pow(64) @ x q;', 'reset r;', 'measure r;', 'c = measure r;', 'barrier r;', 'rz(2 ** 9999) r[0];',
  'for int i in [0:99999] {', 'for int i in [0:9] {', 'for int j in [0:99999] ', 'for int k in [1e17:1:1e17] h q;', 'for int k in [0:1e-300:1] h q;', 'for int k in {1, 2, 3} ', '}', 'if (c[0]) ', 'if (c == 3) {', 'else {',
  'gate g1 a { x a; }', 'gate g2 a { g1 a; g1 a; g1 a; g1 a; }', 'gate g3 a { g2 a; g2 a; g2 a; g2 a; }', 'g3 q;', 'gate g4 a { pow(64) @ g3 a; pow(64) @ g3 a; }', 'g4 q;', 'gphase(1);', 'qubit[4096] s;', 'bit[4096] d;', 'reset s;', 'd = measure s;',
]

/** A program of statements in any order, with its registers declared. */
function statements(draw: Draw): string {
  return `OPENQASM 3.0;\ninclude "stdgates.inc";\nqubit q;\nqubit[4] r;\nbit[4] c;\n${Array.from({ length: draw.below(9) }, () => draw.pick(STATEMENTS)).join('\n')}${draw.pick(['', ' }', ' h q; }', ' h q; } }'])}`
}

const reader = surface({
  name: 'qasm-reader',
  // Up to twice the largest number of operations are unrolled before it is known that there are too many.
  maximumBytes: 128 << 20,
  from: 'a user',
  signals: [QasmFault, BeyondReader],
  make: (draw) => draw.chance(0.5) ? statements(draw) : foreignText(QASM, QASM_WORDS, draw),
  feed: (text) => {
    const circuit = readCircuit(text)
    measureCircuit(circuit)
    if (circuit.operations.length < 200) compareCircuits(circuit, circuit, text, 'any')
  },
})

const QIR = `define i64 @ENTRYPOINT__main() #0 {
block_0:
  call void @__quantum__qis__h__body(%Qubit* inttoptr (i64 0 to %Qubit*))
  call void @__quantum__qis__rz__body(double 0.5, %Qubit* inttoptr (i64 1 to %Qubit*))
  call void @__quantum__qis__cx__body(%Qubit* inttoptr (i64 0 to %Qubit*), %Qubit* inttoptr (i64 1 to %Qubit*))
  call void @__quantum__qis__m__body(%Qubit* inttoptr (i64 0 to %Qubit*), %Result* inttoptr (i64 0 to %Result*))
  ret i64 0
}
`

const qir = surface({
  name: 'qasm-qir',
  from: 'a user',
  signals: [QasmFault, BeyondReader],
  make: (draw) => foreignText([QIR], ['call void @', '__quantum__qis__h__body', '(', ')', '%Qubit* inttoptr (i64 ', '99999999999', '-1', ' to %Qubit*)', ',', '\n', 'double ', '1e999', 'br label', '{', '}', ' '], draw),
  feed: (text) => { measureCircuit(readQir(text, QASM[1]!)) },
})

const normalised = surface({
  name: 'qasm-normalise',
  from: 'a user',
  make: (draw) => foreignText(QASM, QASM_WORDS, draw),
  feed: (text) => { must(normaliseQasm(normaliseQasm(text)) === normaliseQasm(text), 'a normal form is made more normal') },
})

const VERILOG_WORDS = ['module a;', 'endmodule', 'always_comb ', '//', '/*', '*/', '"', '\\', '\'b', '8\'h', '12', '_', 'x', '`', '`define ', '(*', '*)', '<<<', '\n', ' ', '\t', '$', '#', '[', ']', '(', ')', 'e+', '.', '?']

const lexer = surface({
  name: 'verilog-lexer',
  from: 'a user',
  make: (draw) => foreignText(VERILOG, VERILOG_WORDS, draw),
  feed: (text) => {
    let end = 0
    for (const token of tokenise(text)) {
      must(token.start >= end && text.startsWith(token.text, token.start) && text.slice(end, token.start).trim() === '', 'a token is not where it says, or something was skipped')
      end = token.start + token.text.length
    }
    must(text.slice(end).trim() === '', 'the end of the text was skipped')
    normalise(text)
    relaxAlwaysComb(text)
  },
})

/** Near misses of a design are as many as it has tokens, and each as long as it. */
const LONGEST_DESIGN = 1000

const misses = surface({
  name: 'near-misses',
  from: 'the disk',
  // A thousand texts of the longest design, twice over, before any of them is let go.
  maximumBytes: 256 << 20,
  make: (draw) => {
    const domain = draw.pick(['verilog', 'qasm'] as const)
    return { domain, text: foreignText(domain === 'verilog' ? VERILOG : QASM, domain === 'verilog' ? VERILOG_WORDS : QASM_WORDS, draw).slice(0, LONGEST_DESIGN), seed: draw.below(1000) }
  },
  feed: ({ domain, text, seed }) => { nearMisses(domain, text, createRandom(seed)) },
})

export const qualitySurfaces: readonly Surface[] = [reader, qir, normalised, lexer, misses]
