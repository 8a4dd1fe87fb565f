import test from 'ava'

import { BeyondReader } from '../../src/quality/qasm/errors.js'
import { readQir } from '../../src/quality/qasm/qir.js'
import { readCircuit } from '../../src/quality/qasm/reader.js'

const program = (body: string): string => `OPENQASM 3.0;\ninclude "stdgates.inc";\nqubit q;\nqubit[4096] r;\nbit[4096] c;\n${body}`
/** Each gate calls the one before ten times: 10^12 calls in all, of nothing. */
const NOTHING = ['gate g0 a { }', ...Array.from({ length: 12 }, (_, i) => `gate g${i + 1} a { ${`g${i} a; `.repeat(10)}}`), 'g12 q;'].join('\n')

const endless: readonly [string, string][] = [
  ['powers of powers', `${'pow(64) @ '.repeat(8)}x q;`],
  ['loops without statements', 'for int i in [0:99999] { for int j in [0:99999] { } }'],
  ['loops of resets', 'for int i in [0:99999] { reset r; }'],
  ['loops of measurements', 'for int i in [0:99999] { measure r; }'],
  ['loops of barriers', 'for int i in [0:99999] barrier r;'],
  ['gates of gates that do nothing', NOTHING],
  ['a range whose steps are lost in rounding', 'for int i in [1e17:1:1e17+16] x q;'],
  ['brackets', `rz(${'('.repeat(100_000)}1${')'.repeat(100_000)}) q;`],
  ['signs', `rz(${'-'.repeat(100_000)}1) q;`],
  ['powers to the right', `rz(1${'**1'.repeat(100_000)}) q;`],
  ['negations', `if (${'!'.repeat(100_000)}c[0]) x q;`],
  ['branches', `${'if (c[0]) '.repeat(100_000)}x q;`],
]
for (const [what, body] of endless) {
  test(`${what} are left to qsharp-lang before they take all time, memory or stack`, (t) => {
    t.throws(() => readCircuit(program(body)), { instanceOf: BeyondReader })
  })
}

test('a mebibyte of empty lines in what qsharp-lang prints is read in time', (t) => {
  t.deepEqual(readQir(`define i64 @ENTRYPOINT__main() #0 {${'\n'.repeat(1 << 20)}\n}`, 'qubit q;').operations, [])
})

test('usual nesting and repetition are read', (t) => {
  t.is(readCircuit(program('for int i in [0:99] { for int j in [0:9] { if (c[0]) { rz(((-(1)))) q; } else { pow(3) @ inv @ x q; } } }')).operations.length, 1000)
  t.is(readCircuit(program('x r;')).operations.length, 4096)
})
