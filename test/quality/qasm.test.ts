import test from 'ava'
import fc from 'fast-check'

import { compileTools } from '../../src/quality/checker/tools.js'
import { QasmChecks } from '../../src/quality/qasm/checks.js'
import { compareCircuits } from '../../src/quality/qasm/equivalence.js'
import { BeyondReader, QasmFault } from '../../src/quality/qasm/errors.js'
import { readQir } from '../../src/quality/qasm/qir.js'
import { Qsharp } from '../../src/quality/qasm/qsharp.js'
import { readCircuit } from '../../src/quality/qasm/reader.js'
import type { Verdict } from '../../src/quality/index.js'

const V2 = 'OPENQASM 2.0; include "qelib1.inc"; '
const V3 = 'OPENQASM 3.0; include "stdgates.inc"; '

let checks: QasmChecks
let qsharp: Qsharp
test.before(async () => {
  const tools = await compileTools()
  checks = new QasmChecks(tools.qsharp)
  qsharp = await Qsharp.load(tools.qsharp)
})

const equal = async (reference: string, candidate: string, initialState: 'any' | 'zero' = 'any'): Promise<Verdict['outcome']> =>
  (await checks.equivalence(reference, candidate, initialState)).outcome

const q2 = (body: string): string => `${V3}qubit[2] q; ${body}`

for (const [what, source] of [
  ['OpenQASM 2', `${V2}qreg q[3]; gate own(t) a, b { cx a, b; u3(t, 0.5, pi / 2) b; cu1(t / 2) a, b; } h q; own(0.3) q[0], q[1]; u2(0.1, 0.2) q[1]; u1(0.7) q[2]; ch q[0], q[1]; crz(0.2) q[0], q[1]; cy q[1], q[2]; cz q[0], q[2];
    ccx q[0], q[1], q[2]; s q[0]; sdg q[1]; t q[2]; tdg q[0]; rx(0.4) q[1]; ry(-0.6) q[2]; rz(1.1) q[0]; rzz(0.8) q[0], q[1]; rxx(0.25) q[1], q[2]; ryy(0.35) q[0], q[2]; sxdg q[2]; cu3(0.1, 0.2, 0.3) q[0], q[1]; id q[2];`],
  ['OpenQASM 3', `${V3}qubit[3] q; gate own(t) a, b { cx a, b; p(t) b; } h q; own(0.3) q[0], q[1]; U(0.1, 0.2, 0.3) q[1]; sx q[2]; swap q[0], q[2]; cswap q[1], q[0], q[2]; cphase(0.3) q[1], q[2]; crx(0.1) q[0], q[1];
    cry(0.2) q[1], q[2]; crz(0.3) q[0], q[2]; cu(0.1, 0.2, 0.3, 0.4) q[0], q[1]; phase(0.6) q[2]; u3(0.2, 0.3, 0.4) q[0]; ccx q[2], q[1], q[0]; x q[0]; y q[1]; z q[2];`],
  ['modifiers', `${V3}qubit[3] q; h q; ctrl @ h q[0], q[1]; inv @ s q[0]; pow(3) @ t q[1]; ctrl @ gphase(0.2) q[0]; negctrl @ x q[1], q[2]; ctrl @ inv @ U(0.1, 0.2, 0.3) q[2], q[0]; ctrl @ u3(0.3, 0.2, 0.1) q[1], q[2]; ctrl @ u2(0.3, 0.2) q[0], q[2]; ctrl(2) @ x q[0], q[1], q[2];`],
  ['loops and expressions', `${V3}qubit[3] q; for int i in [0:2] { h q[i]; rz(pi / 4 * i) q[i]; } rx(sin(0.3) + 2 ** 0.5) q[0]; ry(-pi / 3) q[1]; ctrl @ rz(tau / 8) q[0], q[2];`],
] as const) {
  test(`our reader and qsharp-lang understand the same by ${what}`, async (t) => {
    const answer = await qsharp.translate(source)
    if (answer.kind !== 'qir') return t.fail(answer.message)
    const finding = compareCircuits(readCircuit(source), readQir(answer.text, source), what)
    t.is(finding.outcome, 'pass', finding.reason)
  })
}

for (const [what, body, message] of [
  ['an unknown gate', 'iswap q[0], q[1];', /gate "iswap" is not defined/],
  ['too few qubits', 'cx q[0];', /takes 2 qubits, and 1 are given/],
  ['too many qubits', 'h q[0], q[1];', /takes 1 qubits, and 2 are given/],
  ['too few angles', 'rx q[0];', /takes 1 angles, and 0 are given/],
  ['an index out of range', 'h q[2];', /"q\[2\]" is out of range/],
  ['an unknown register', 'h r[0];', /no qubit register "r"/],
  ['the same qubit twice', 'cx q[1], q[1];', /same qubit twice/],
  ['a missing semicolon', 'h q[0]', /expected ";"/],
  ['a register declared twice', 'qubit q;', /declared twice/],
  ['a gate defined twice', 'gate h a { x a; }', /declared twice/],
  ['a measurement of the wrong size', 'bit c; c = measure q;', /2 qubits are measured into 1 bits/],
  ['a bit in place of a qubit', 'bit c; h c;', /holds bits/],
  ['a body without an end', 'gate g a { h a;', /does not end/],
  ['an unknown file', 'include "/etc/passwd";', /no include file/],
] as const) {
  test(`a program with ${what} fails with its reason`, async (t) => {
    const source = `${V3}qubit[2] q; ${body}`
    const { outcome, reason } = await checks.syntax(source)
    t.is(outcome, 'fail')
    t.regex(reason, message)
    t.is(await equal(`${V3}qubit[2] q; h q[0];`, source), 'fail')
  })
}

test('controlled phases are what OpenQASM defines, which qsharp-lang 1.32 gets wrong', async (t) => {
  t.is(await equal(q2('cp(0.3) q[0], q[1];'), q2('rz(0.15) q[0]; rz(0.15) q[1]; cx q[0], q[1]; rz(-0.15) q[1]; cx q[0], q[1];')), 'pass')
  t.is(await equal(q2('ctrl @ p(0.3) q[0], q[1];'), q2('cp(0.3) q[1], q[0];')), 'pass')
  t.is(await equal(q2('csx q[0], q[1]; csx q[0], q[1];'), q2('cx q[0], q[1];')), 'pass')
  t.is(await equal(q2('cp(0.3) q[0], q[1];'), q2('def f(qubit a, qubit b) { cp(0.3) a, b; } f(q[0], q[1]);')), 'unknown')
})

test('what our reader does not know is decided by qsharp-lang', async (t) => {
  t.is(await equal(`${V3}qubit[3] q; h q; cx q[0], q[1]; cx q[1], q[0]; h q[2]; ccx q[0], q[1], q[2]; h q[2];`, `${V3}qubit[3] q; h q; dcx q[0], q[1]; ccz q[0], q[1], q[2];`), 'pass')
  t.is((await checks.syntax(`${V3}def flip(qubit a) { x a; } qubit[2] q; flip(q[1]);`)).outcome, 'pass')
  t.is((await checks.syntax(`${V3}def flip(qubit a) { x b; } qubit[2] q; flip(q[1]);`)).outcome, 'fail')
  t.is(await equal(`${V3}qubit[2] q; x q[1];`, `${V3}def flip(qubit a) { x a; } qubit[2] q; flip(q[1]);`), 'pass')
  t.is(await equal(`${V3}qubit[2] q; x q[0];`, `${V3}def flip(qubit a) { x a; } qubit[2] q; flip(q[1]);`), 'fail')
})

const measured = (body: string): string => `${V3}qubit[3] q; bit[3] c; ${body}`

for (const [what, reference, candidate, outcome] of [
  ['the same up to a global phase', q2('z q[0]; x q[0]; z q[0]; x q[0];'), q2(''), 'pass'],
  ['cx by h and cz', q2('cx q[0], q[1];'), q2('h q[1]; cz q[0], q[1]; h q[1];'), 'pass'],
  ['swap by three cx', q2('swap q[0], q[1];'), q2('cx q[0], q[1]; cx q[1], q[0]; cx q[0], q[1];'), 'pass'],
  ['angles in decimals', q2('rz(pi / 4) q[0]; h q[0];'), q2('rz(0.785398) q[0]; h q[0];'), 'pass'],
  ['a different angle', q2('rz(pi / 4) q[0]; h q[0];'), q2('rz(pi / 4.1) q[0]; h q[0];'), 'fail'],
  ['control and target exchanged', q2('cx q[0], q[1];'), q2('cx q[1], q[0];'), 'fail'],
  ['equal from |00> only', q2('cx q[0], q[1];'), q2(''), 'fail'],
  ['a relative phase', q2('s q[0];'), q2('sdg q[0];'), 'fail'],
  ['gates in another order that commute', q2('z q[0]; cx q[0], q[1];'), q2('cx q[0], q[1]; z q[0];'), 'pass'],
  ['gates in another order that do not', q2('x q[0]; cx q[0], q[1];'), q2('cx q[0], q[1]; x q[0];'), 'fail'],
  ['a register of another name', q2('h q[0];'), `${V3}qubit[2] r; h r[0];`, 'fail'],
  ['a register of another size', q2('h q[0];'), `${V3}qubit[3] q; h q[0];`, 'fail'],
  ['a measurement too many', q2('h q[0];'), q2('h q[0]; measure q[0];'), 'fail'],
  ['a phase that no measurement shows', measured('h q[0]; c = measure q;'), measured('h q[0]; s q[0]; c = measure q;'), 'pass'],
  ['bits exchanged', measured('x q[0]; c[0] = measure q[0]; c[1] = measure q[1];'), measured('x q[0]; c[1] = measure q[0]; c[0] = measure q[1];'), 'fail'],
  ['a controlled gate after the measurement', measured('h q[0]; cx q[0], q[1]; c[0] = measure q[0]; c[1] = measure q[1];'), measured('h q[0]; c[0] = measure q[0]; if (c[0]) { x q[1]; } c[1] = measure q[1];'), 'pass'],
  ['the opposite condition', measured('h q[0]; c[0] = measure q[0]; if (c[0]) { x q[1]; } c[1] = measure q[1];'), measured('h q[0]; c[0] = measure q[0]; if (!c[0]) { x q[1]; } c[1] = measure q[1];'), 'fail'],
  ['teleportation with conditions on single bits and on the register', measured('h q[1]; cx q[1], q[2]; cx q[0], q[1]; h q[0]; c[0] = measure q[0]; c[1] = measure q[1]; if (c[1]) x q[2]; if (c[0]) z q[2];'),
    measured('h q[1]; cx q[1], q[2]; cx q[0], q[1]; h q[0]; c[0] = measure q[0]; c[1] = measure q[1]; if (c == 2) x q[2]; if (c == 1) z q[2]; if (c == 3) { x q[2]; z q[2]; }'), 'pass'],
  ['teleportation without a correction', measured('h q[1]; cx q[1], q[2]; cx q[0], q[1]; h q[0]; c[0] = measure q[0]; c[1] = measure q[1]; if (c[1]) x q[2]; if (c[0]) z q[2];'),
    measured('h q[1]; cx q[1], q[2]; cx q[0], q[1]; h q[0]; c[0] = measure q[0]; c[1] = measure q[1]; if (c[1]) x q[2];'), 'fail'],
  ['a reset that is not needed', measured('reset q[0]; h q[0]; c = measure q;'), measured('reset q[0]; reset q[0]; h q[0]; c = measure q;'), 'pass'],
  ['a reset left out', measured('h q[0]; reset q[0]; c = measure q;'), measured('h q[0]; c = measure q;'), 'fail'],
] as const) {
  test(`${what}: ${outcome}`, async (t) => {
    const finding = await checks.equivalence(reference, candidate, 'any')
    t.is(finding.outcome, outcome, finding.reason)
  })
}

test('programs that prepare the same state from |0...0> are equal where only that is asked', async (t) => {
  const [bell, other] = [q2('h q[0]; cx q[0], q[1];'), q2('h q[1]; cx q[1], q[0];')]
  t.is(await equal(bell, other, 'zero'), 'pass')
  t.is(await equal(bell, other), 'fail')
  t.regex((await checks.equivalence(bell, other, 'any')).reason, /on other inputs than \|0\.\.\.0>/)
})

test('random circuits equal themselves with gates inserted and undone, and differ with one rotation more', (t) => {
  const gate = fc.oneof(
    fc.tuple(fc.constantFrom('h', 's', 'sx', 't', 'y'), fc.nat(3)).map(([name, a]) => ({ text: `${name} q[${a}];`, undo: `inv @ ${name} q[${a}];` })),
    fc.tuple(fc.constantFrom('cx', 'cz', 'swap'), fc.nat(3), fc.integer({ min: 1, max: 3 })).map(([name, a, by]) => ({ text: `${name} q[${a}], q[${(a + by) % 4}];`, undo: `${name} q[${a}], q[${(a + by) % 4}];` })),
    fc.tuple(fc.constantFrom('rx', 'ry', 'rz', 'p'), fc.double({ min: 0.1, max: 3, noNaN: true }), fc.nat(3)).map(([name, angle, a]) => ({ text: `${name}(${angle}) q[${a}];`, undo: `${name}(-${angle}) q[${a}];` })),
  )
  fc.assert(fc.property(fc.array(gate, { maxLength: 20 }), gate, fc.nat(20), (gates, extra, at) => {
    const texts = gates.map(({ text }) => text)
    const program = (list: readonly string[]): ReturnType<typeof readCircuit> => readCircuit(`${V3}qubit[4] q; ${list.join(' ')}`)
    const undone = [...texts.slice(0, at), extra.text, extra.undo, ...texts.slice(at)]
    t.is(compareCircuits(program(texts), program(undone), 'seed').outcome, 'pass')
    const more = [...texts.slice(0, at), 'rx(0.01) q[0];', ...texts.slice(at)]
    t.is(compareCircuits(program(texts), program(more), 'seed').outcome, 'fail')
  }), { numRuns: 60 })
})

test('a circuit is counted as it is written', async (t) => {
  const { outcome, qubits, gates, twoQubitGates, depth, counts } = await checks.circuit(`${V2}qreg q[3]; creg c[3]; gate bell a, b { h a; cx a, b; } h q; bell q[0], q[1]; ccx q[0], q[1], q[2]; measure q -> c;`)
  t.deepEqual({ outcome, qubits, gates, twoQubitGates, depth, counts }, { outcome: 'pass', qubits: 3, gates: 5, twoQubitGates: 1, depth: 4, counts: { h: 3, bell: 1, ccx: 1, measure: 3 } })
})

test('circuits too large to simulate are unknown', async (t) => {
  const wide = `${V3}qubit[17] q; h q;`
  t.is(await equal(wide, `${wide} h q;`), 'unknown')
  const branching = `${V3}qubit[12] q; bit[12] c; h q; c = measure q; h q; c = measure q;`
  t.is(await equal(branching, `${branching} z q[0];`), 'unknown')
})

test('any text is read, refused or left to qsharp-lang, and nothing else happens', (t) => {
  const words = fc.constantFrom('OPENQASM', '3.0', ';', 'qubit', '[', ']', '2', 'q', 'h', 'cx', ',', '(', ')', 'pi', '/', '-', 'gate', '{', '}', 'if', '==', 'measure', '->', 'bit', 'c', '=', 'for', 'in', ':', '@', 'ctrl', 'inv', '"x"', 'include', '0', '1e9', '**')
  const text = fc.oneof(fc.array(words, { maxLength: 40 }).map((list) => list.join(' ')), fc.string({ maxLength: 80 }), fc.array(words, { maxLength: 20 }).map((list) => `${V3}qubit[3] q; bit[3] c; ${list.join(' ')}`))
  fc.assert(fc.property(text, (source) => {
    try {
      t.truthy(readCircuit(source).operations)
    } catch (error) {
      t.true(error instanceof QasmFault || error instanceof BeyondReader, String(error))
    }
  }), { numRuns: 3000 })
})
