import { nearMisses } from '../../../src/quality/index.js'
import { compareCircuits } from '../../../src/quality/qasm/equivalence.js'
import { BeyondReader, QasmFault } from '../../../src/quality/qasm/errors.js'
import { normaliseQasm } from '../../../src/quality/qasm/lexer.js'
import { measureCircuit } from '../../../src/quality/qasm/metrics.js'
import { readQir } from '../../../src/quality/qasm/qir.js'
import { readCircuit } from '../../../src/quality/qasm/reader.js'
import { normalise, relaxAlwaysComb, tokenise } from '../../../src/quality/verilog/lexer.js'
import { createRandom } from '../../../src/telemetry/index.js'

import { QASM, VERILOG } from '../examples/designs.js'
import { foreignText } from '../mutate-text.js'
import { must, surface } from '../surface.js'
import type { Surface } from '../surface.js'

const QASM_WORDS = [
  'OPENQASM 3.0;', 'include "stdgates.inc";', 'qubit[4] q;', 'qubit q;', 'bit[4] c;', 'qreg r[3];', 'h q;', 'h q[0];', 'gate g a { h a; }', 'g q[0];', 'ctrl @ ', 'ctrl(3) @ ', 'negctrl @ ', 'inv @ ', 'pow(64) @ ', 'pow(-2) @ ', 'pow(1e9) @ ',
  'for int i in [0:99999] ', 'for int i in [0:1:3] {', 'for int i in {1, 2} ', '[1e17:1:1e17]', '{', '}', '(', ')', '[', ']', ';', ',', ':', '-', '+', '*', '**', '/', '%', '!', '&&', '||', '==', '1', '0.5', '1e308', '4096', 'pi', 'sin(', 'i',
  'if (c[0]) ', 'if (c == 1) {', 'else ', 'measure q;', 'measure q -> c;', 'c = measure q;', 'reset q;', 'barrier q;', 'gphase(1);', '//', '/*', '*/', '"', '@', '->', 'constructor', 'toString ', '__proto__', '\n', ' ',
]

const reader = surface({
  name: 'qasm-reader',
  from: 'a user',
  signals: [QasmFault, BeyondReader],
  make: (draw) => foreignText(QASM, QASM_WORDS, draw),
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

const misses = surface({
  name: 'near-misses',
  from: 'the disk',
  make: (draw) => {
    const domain = draw.pick(['verilog', 'qasm'] as const)
    return { domain, text: foreignText(domain === 'verilog' ? VERILOG : QASM, domain === 'verilog' ? VERILOG_WORDS : QASM_WORDS, draw).slice(0, 20_000), seed: draw.below(1000) }
  },
  feed: ({ domain, text, seed }) => { nearMisses(domain, text, createRandom(seed)) },
})

export const qualitySurfaces: readonly Surface[] = [reader, qir, normalised, lexer, misses]
