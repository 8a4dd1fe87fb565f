import type { Point } from '../../scripts/corpus/family.js'
import { H, phaseMatrix, rx, ry, rz, X, Z, type Matrix, type State } from './quantum-state.js'

/**
 * What each family's specification asks for, as operations on amplitudes and written without regard to the designs:
 * arithmetic as permutations, oracles as phases, transforms as matrices, dynamics as exponentials.
 */
export const intents: Readonly<Record<string, (point: Point, state: State) => void>> = {
  'ghz-state': (p, s) => {
    const n = num(p.qubits)
    const place = (i: number): number => p.root === 'first' ? i : n - 1 - i
    const source = (i: number): number => p.shape === 'line' ? i - 1 : p.shape === 'star' ? 0 : i - 2 ** Math.floor(Math.log2(i))
    s.apply(H, place(0)).permute((x) => {
      let y = x
      for (let i = 1; i < n; i++) y ^= bit(y, place(source(i))) << place(i)
      return y
    })
  },
  'cat-state': (p, s) => {
    const n = str(p.text).length
    s.apply(H, 0).apply(phaseMatrix(angle(p.angle)), 0).permute((x) => (bit(x, 0) === 1 ? x ^ (2 ** n - 2) : x) ^ parseInt(str(p.text), 2))
  },
  'w-state': (p, s) => {
    const n = num(p.qubits)
    const place = (i: number): number => (num(p.start) + (p.direction === 'up' ? i : n - i)) % n
    s.apply(X, place(0))
    for (let i = 0; i + 1 < n; i++) s.apply(ry(2 * Math.acos(1 / Math.sqrt(n - i))), place(i + 1), place(i)).apply(X, place(i), place(i + 1))
  },
  'bell-pairs': (p, s) => {
    const kinds = str(p.kinds).split(' ')
    const n = kinds.length
    kinds.forEach((kind, i) => {
      const pairs: Record<string, [number, number]> = { neighbours: [2 * i, 2 * i + 1], halves: [i, i + n], nested: [i, 2 * n - 1 - i] }
      bell(s, kind, ...pairs[str(p.layout)]!)
    })
  },
  'fourier-transform': (p, s) => { fourier(p, s, 1) },
  'inverse-fourier-transform': (p, s) => { fourier(p, s, -1) },
  'phase-estimation': (p, s) => {
    const n = num(p.counting)
    s.apply(X, n)
    hadamards(s, n)
    s.phase((x) => bit(x, n) * (x % 2 ** n) * angle(p.angle))
    s.linear((x) => Array.from({ length: 2 ** n }, (_, k) => root(k + (x >> n) * 2 ** n, -2 * Math.PI * (x % 2 ** n) * k / 2 ** n, n)))
  },
  'grover-search': (p, s) => {
    const n = str(p.marked).length
    const marked = parseInt(str(p.marked), 2)
    hadamards(s, n)
    for (let i = 0; i < num(p.iterations); i++) {
      s.phase((x) => x === marked ? Math.PI : 0)
      hadamards(s, n)
      s.phase((x) => x === 0 ? Math.PI : 0)
      hadamards(s, n)
    }
  },
  'deutsch-jozsa': (p, s) => {
    const n = num(p.inputs)
    s.apply(X, n).apply(H, n)
    hadamards(s, n)
    s.permute((x) => x ^ (polynomial(str(p.terms).split('^'), x) << n))
    hadamards(s, n)
  },
  'bernstein-vazirani': (p, s) => {
    const n = str(p.hidden).length
    s.apply(X, n).apply(H, n)
    hadamards(s, n)
    s.permute((x) => x ^ ((parity(x & parseInt(str(p.hidden), 2)) ^ num(p.offset)) << n))
    hadamards(s, n)
  },
  'simon-oracle': (p, s) => {
    const n = str(p.secret).length
    const secret = parseInt(str(p.secret), 2)
    const lowest = Math.log2(secret & -secret)
    if (p.whole === true) hadamards(s, n)
    s.permute((x) => x ^ (((x % 2 ** n) ^ (bit(x, lowest) * secret)) << n))
    if (p.whole === true) hadamards(s, n)
  },
  'hidden-shift': (p, s) => {
    const n = str(p.shift).length
    const bent = (x: number): number => Array.from({ length: n / 2 }, (_, i) => p.pairing === 'halves' ? bit(x, i) & bit(x, i + n / 2) : bit(x, 2 * i) & bit(x, 2 * i + 1)).reduce((a, b) => a ^ b)
    hadamards(s, n)
    s.phase((x) => Math.PI * bent(x ^ parseInt(str(p.shift), 2)))
    hadamards(s, n)
    s.phase((x) => Math.PI * bent(x))
    hadamards(s, n)
  },
  'phase-oracle': (p, s) => {
    if (p.superposed === true) hadamards(s, num(p.qubits))
    s.phase((x) => Math.PI * polynomial(str(p.polynomial).split('+'), x))
  },
  'ripple-adder': (p, s) => {
    const n = num(p.width)
    const load = str(p.load) === '' ? [0, 0] : str(p.load).split(' ').map(Number)
    s.permute((before) => {
      const x = before ^ load[0]! ^ (load[1]! << n)
      const [a, b, carry] = [x % 2 ** n, (x >> n) % 2 ** n, bit(x, 2 * n)]
      const sum = p.operation === 'add' ? a + b + carry : b - a - carry
      const over = sum < 0 || sum >= 2 ** n ? 1 : 0
      const out = p.carry === true ? bit(x, 2 * n + 1) ^ over : 0
      return a + (modulo(sum, 2 ** n) << n) + (carry << (2 * n)) + (out << (2 * n + 1))
    })
  },
  'power-adder': (p, s) => {
    const n = num(p.qubits)
    const change = (p.operation === 'increment' ? 1 : -1) * 2 ** num(p.power)
    s.permute((x) => {
      if (p.controlled === true && bit(x, n) === 0) return x
      const low = x % 2 ** n
      const value = p.least === 'first' ? low : reversed(low, n)
      const next = modulo(value + change, 2 ** n)
      return x - low + (p.least === 'first' ? next : reversed(next, n))
    })
  },
  'fourier-adder': (p, s) => {
    s.permute((x) => modulo(x + (p.operation === 'add' ? 1 : -1) * num(p.constant), 2 ** num(p.qubits)))
  },
  'reversible-logic': (p, s) => {
    s.permute((x) => str(p.operations).split(' ').reduce((y, text) => {
      if (text.startsWith('!')) return y ^ (1 << Number(text.slice(1)))
      const [target, controls] = text.split('^=')
      return y ^ (Number(controls!.split('&').every((control) => bit(y, Number(control)) === 1)) << Number(target))
    }, x))
  },
  'multi-controlled': (p, s) => {
    const n = str(p.pattern).length
    const target = 2 * n - 2
    const pattern = parseInt(str(p.pattern), 2)
    const alike = (x: number): number => (x % 2 ** n) ^ pattern ^ (2 ** n - 1)
    // The work qubits as they stand while the target is acted on; any start value is allowed.
    const ladder = (x: number): number => {
      const fits = alike(x)
      let y = x
      for (let i = 0; i < n - 2; i++) {
        const other = i === 0 ? bit(fits, 0) : bit(y, n + i - 1)
        y ^= (bit(fits, i + 1) & other) << (n + i)
      }
      return y
    }
    const fires = (x: number): number => bit(alike(x), n - 1) & (n === 2 ? bit(alike(x), 0) : bit(ladder(x), target - 1))
    if (p.gate === 'z') s.phase((x) => Math.PI * bit(x, target) * fires(x))
    else s.permute((x) => x ^ (fires(x) << target))
  },
  'qubit-permutation': (p, s) => {
    s.permute((x) => str(p.to).split(' ').reduce((y, to, from) => y | (bit(x, from) << Number(to)), 0))
  },
  'swap-test': (p, s) => {
    const n = num(p.size)
    for (let i = 0; i < n; i++) s.apply(ry(angle(p.left)), 1 + i).apply(ry(angle(p.right)), 1 + n + i)
    s.apply(H, 0).permute((x) => bit(x, 0) === 0 ? x : 1 + (((x >> 1) % 2 ** n) << (1 + n)) + ((x >> (1 + n)) << 1)).apply(H, 0)
  },
  'quantum-walk': (p, s) => {
    s.permute((x) => x ^ (num(p.start) << 1))
    for (let i = 0; i < num(p.steps); i++) {
      s.apply(p.coin === 'h' ? H : p.coin === 'ry' ? ry(angle(p.angle)) : rx(angle(p.angle)), 0)
      s.permute((x) => bit(x, 0) + (modulo((x >> 1) + (bit(x, 0) === 1 ? 1 : -1), 4) << 1))
    }
  },
  'stabiliser-syndrome': (p, s) => {
    const checks = str(p.checks).split(' ')
    checks.forEach((text, i) => {
      const ancilla = text.length + i
      s.apply(H, ancilla)
      Array.from(text).forEach((letter, k) => { if (letter !== 'I') s.apply(letter === 'X' ? X : Z, k, ancilla) })
      s.apply(H, ancilla)
    })
  },
  'repetition-code': (p, s) => {
    const n = num(p.qubits)
    const copy = (): State => s.permute((x) => bit(x, 0) === 1 ? x ^ (2 ** n - 2) : x)
    s.apply(ry(angle(p.angle)), 0)
    copy()
    if (p.kind === 'phase-flip') hadamards(s, n)
    if (p.error === '') return
    s.apply(p.kind === 'phase-flip' ? Z : X, Number(p.error))
    if (p.kind === 'phase-flip') hadamards(s, n)
    copy().apply(X, 0, 1, 2)
  },
  'css-encoder': (p, s) => {
    const fans = [...str(p.copies).split(' '), ...str(p.rows).split(' ')].map((text) => text.split(/[>,]/).map(Number))
    const copies = str(p.copies).split(' ').length
    const steps = fans.flatMap(([from, ...to], i) => [...i < copies ? [] : [() => s.apply(H, from!)], () => to.reduce((state, target) => state.apply(X, target, from!), s)])
    for (const run of p.inverse === true ? steps.reverse() : steps) run()
  },
  'ising-step': (p, s) => {
    const n = num(p.qubits)
    for (let step = 0; step < num(p.steps); step++) {
      for (let i = 0; i < (p.ring === true ? n : n - 1); i++) s.rotatePauli(letters(n, { [i]: 'Z', [(i + 1) % n]: 'Z' }), angle(p.coupling))
      for (let i = 0; i < n; i++) s.apply(rx(angle(p.field)), i)
    }
  },
  'heisenberg-step': (p, s) => {
    const n = num(p.qubits)
    for (let i = 0; i + 1 < n; i++) {
      for (const [letter, turn] of [['X', p.xx], ['Y', p.yy], ['Z', p.zz]] as const) s.rotatePauli(letters(n, { [i]: letter, [i + 1]: letter }), angle(turn))
    }
  },
  'pauli-rotation': (p, s) => {
    str(p.paulis).split(' ').forEach((text, i) => s.rotatePauli(text, angle(str(p.angles).split(' ')[i])))
  },
  'parity-phase': (p, s) => {
    str(p.parities).split(' ').forEach((set, i) => {
      const mask = set.split(',').reduce((sum, index) => sum | (1 << Number(index)), 0)
      s.phase((x) => parity(x & mask) * angle(str(p.angles).split(' ')[i]))
    })
  },
  'layered-ansatz': (p, s) => {
    const n = num(p.qubits)
    const turns = str(p.angles).split(' ').map(angle)
    const rotation = { rx, ry, rz }[str(p.rotation) as 'rx' | 'ry' | 'rz']
    const gate = p.entangler === 'cx' ? X : Z
    for (let layer = 0; layer * n < turns.length; layer++) {
      for (let i = 0; i < n; i++) s.apply(rotation(turns[layer * n + i]!), i)
      if (layer === num(p.layers)) break
      for (let i = 0; i < (p.ring === true ? n : n - 1); i++) s.apply(gate, (i + 1) % n, i)
    }
  },
  'qaoa-layer': (p, s) => {
    const n = num(p.qubits)
    hadamards(s, n)
    for (const edge of str(p.edges).split(' ')) s.rotatePauli(letters(n, Object.fromEntries(edge.split('-').map((vertex) => [vertex, 'Z']))), angle(p.gamma))
    for (let i = 0; i < n; i++) s.apply(rx(angle(p.beta)), i)
  },
  'graph-state': (p, s) => {
    hadamards(s, num(p.qubits))
    s.phase((x) => Math.PI * str(p.edges).split(' ').filter((edge) => edge.split('-').every((vertex) => bit(x, Number(vertex)) === 1)).length)
  },
  'product-state': (p, s) => {
    const gates: Readonly<Record<string, readonly Matrix[]>> = { 0: [], 1: [X], '+': [H], '-': [X, H], r: [H, phaseMatrix(Math.PI / 2)], l: [H, phaseMatrix(-Math.PI / 2)] }
    Array.from(str(p.letters)).forEach((letter, i) => { gates[letter]!.forEach((gate) => s.apply(gate, i)) })
  },
  'amplitude-encoding': (p, s) => {
    const [top, low] = [num(p.high), 1 - num(p.high)]
    s.apply(ry(angle(p.root)), top).apply(ry(angle(p.one)), low, top).apply(X, top).apply(ry(angle(p.zero)), low, top).apply(X, top)
  },
  teleportation: (p, s) => {
    s.apply(ry(angle(p.tilt)), 0).apply(rz(angle(p.turn)), 0)
    for (let i = 0; i < 2 * num(p.hops); i += 2) s.apply(H, i + 1).apply(X, i + 2, i + 1).apply(X, i + 1, i).apply(H, i).apply(X, i + 2, i + 1).apply(Z, i + 2, i)
  },
  'entanglement-swapping': (p, s) => {
    const kinds = str(p.kinds).split(' ')
    const last = 2 * kinds.length - 1
    kinds.forEach((kind, i) => { bell(s, kind, 2 * i, 2 * i + 1) })
    for (let i = 1; i + 1 < last; i += 2) s.apply(X, i + 1, i).apply(H, i).apply(X, last, i + 1).apply(Z, last, i)
  },
  'pauli-basis': (p, s) => {
    const n = str(p.bases).length
    if (p.state === 'plus') hadamards(s, n)
    if (p.state === 'chain') {
      s.apply(H, 0)
      for (let i = 1; i < n; i++) s.apply(X, i, i - 1)
    }
    Array.from(str(p.bases)).forEach((letter, i) => {
      if (letter === 'Y') s.apply(phaseMatrix(-Math.PI / 2), i)
      if (letter !== 'Z') s.apply(H, i)
    })
  },
  'rotation-ladder': (p, s) => {
    const n = num(p.qubits)
    const growth = { constant: 1, doubling: 2, halving: 0.5 }[str(p.growth)]!
    for (let i = 0; i + 1 < n; i++) s.apply((p.axis === 'ry' ? ry : rz)(angle(p.angle) * growth ** i), p.shape === 'chain' ? i + 1 : n - 1, i)
  },
  'decoupling-sequence': (p, s) => {
    const n = num(p.qubits)
    const pulses: Readonly<Record<string, (state: State, i: number) => void>> = {
      X: (state, i) => state.rotatePauli(letters(n, { [i]: 'X' }), Math.PI), Y: (state, i) => state.rotatePauli(letters(n, { [i]: 'Y' }), Math.PI), Z: (state, i) => state.apply(Z, i),
    }
    if (p.ramsey === true) hadamards(s, n)
    for (let i = 0; i < n; i++) {
      for (const letter of str(p.pulses)) {
        s.apply(rz(angle(p.drift)), i)
        pulses[letter]!(s, i)
      }
      s.apply(rz(angle(p.drift)), i)
    }
    if (p.ramsey === true) hadamards(s, n)
  },
}

const num = (value: Point[string] | undefined): number => Number(value)
const str = (value: Point[string] | undefined): string => String(value)
const bit = (x: number, index: number): number => (x >> index) & 1
const modulo = (x: number, n: number): number => ((x % n) + n) % n
const parity = (x: number): number => x === 0 ? 0 : (x & 1) ^ parity(x >> 1)
const reversed = (x: number, bits: number): number => Array.from({ length: bits }, (_, i) => bit(x, i) << (bits - 1 - i)).reduce((a, b) => a | b)
const letters = (n: number, at: Readonly<Record<number, string>>): string => Array.from({ length: n }, (_, i) => at[i] ?? 'I').join('')

/** `pi/4`, `-3*pi/8`, `0.35` in radians, by a parser of its own. */
function angle(value: Point[string] | undefined): number {
  const text = str(value)
  const [product, divisor] = text.split('/')
  return product!.split('*').reduce((value, factor) => value * (factor === 'pi' ? Math.PI : factor === '-pi' ? -Math.PI : Number(factor)), 1) / Number(divisor ?? 1)
}

function hadamards(s: State, count: number): void {
  for (let i = 0; i < count; i++) s.apply(H, i)
}

function bell(s: State, kind: string, a: number, b: number): void {
  s.apply(H, a).apply(X, b, a)
  if (kind.endsWith('-')) s.apply(Z, a)
  if (kind.startsWith('psi')) s.apply(X, b)
}

/** Sum of products over GF(2); each term is `0`, `1` or like `x0*x2`. */
function polynomial(terms: readonly string[], x: number): number {
  return terms.reduce((sum, term) => sum ^ Number(term.split('*').every((factor) => factor.startsWith('x') ? bit(x, Number(factor.slice(1))) === 1 : factor === '1')), 0)
}

const root = (row: number, turn: number, bits: number): readonly [number, number, number] => [row, Math.cos(turn) / 2 ** (bits / 2), Math.sin(turn) / 2 ** (bits / 2)]

/** The transform's matrix, with the small angles left out where the point says so. */
function fourier(p: Point, s: State, sign: 1 | -1): void {
  const n = num(p.qubits)
  const furthest = num(p.furthest) === 0 ? n : num(p.furthest)
  const value = (x: number): number => p.least === 'first' ? x : reversed(x, n)
  const turn = (j: number, k: number): number => {
    let sum = 0
    for (let a = 0; a < n; a++) for (let b = 0; a + b < n; b++) if (n - 1 - a - b <= furthest) sum += bit(j, a) * bit(k, b) * Math.PI / 2 ** (n - 1 - a - b)
    return sign * sum
  }
  s.linear((index) => {
    const input = value(index)
    const j = sign === -1 && p.swaps !== true ? reversed(input, n) : input
    return Array.from({ length: 2 ** n }, (_, k) => root(value(sign === 1 && p.swaps !== true ? reversed(k, n) : k), sign === 1 ? turn(j, k) : turn(k, j), n))
  })
}
