import type { Statements } from './circuit.js'
import { chooser, distinct, EVALUATION_ANGLES, halfMeasured, range, TRAINING_ANGLES } from './points.js'
import { quantumFamily } from './quantum-family.js'

/** A walk on a cycle of 4 nodes; `coin` is `h`, `ry` or `rx`, the latter two by `angle`. */
type WalkPoint = { coin: 'h' | 'ry' | 'rx', angle: string, start: number, steps: number, measured: boolean }

function points(seed: number, angles: readonly string[], steps: readonly number[], count: number): WalkPoint[] {
  const choose = chooser(seed)
  return halfMeasured(distinct(range(count).map((i) => {
    const coin = i % 3 === 0 && steps.length > 1 ? 'h' : choose.one(['ry', 'rx'] as const)
    return { coin, angle: coin === 'h' ? '' : choose.one(angles), start: choose.pick(4), steps: choose.one(steps) }
  })))
}

/** Up by one if the coin is 1, down by one if it is 0. */
function shift(body: Statements, coin: string, low: string, high: string): void {
  body.gate('ccx', coin, low, high).gate('cx', coin, low)
  body.gate('x', coin).gate('cx', coin, low).gate('ccx', coin, low, high).gate('x', coin)
}

export const quantumWalk = quantumFamily<WalkPoint>({
  name: 'quantum-walk',
  trainingPoints: points(201, TRAINING_ANGLES, [1, 2], 1600),
  evaluationPoints: points(202, EVALUATION_ANGLES, [3], 80),
  codings: 3,

  asks({ coin, angle, start, steps }, words) {
    const { data: q, coin: c } = words
    const toss = coin === 'h' ? 'h' : `${coin}(${angle})`
    const times = steps === 1 ? 'one step' : `${steps} steps`
    const place = `${words.declared(c, 1)} and ${words.declared(q, 2)}`
    const begin = `from node ${start}`
    return [
      `walk ${times} on a cycle of 4 nodes with coin ${toss}, on ${place}, ${begin}: after each toss the node number in ${q} (${q}[0] least significant) rises by 1 if ${c}[0] is 1, else falls by 1.`,
      `write a discrete-time quantum walk of ${times} over ${place}. Coin operator ${toss}; shift ${q} +1 mod 4 for coin 1 and -1 mod 4 for coin 0, little-endian; begin ${begin.slice(5)}.`,
      `simulate ${times} of a coined walk on the 4-cycle, position in ${words.declared(q, 2)} (low bit first), coin in ${words.declared(c, 1)}, ${begin}; a step is ${toss} on the coin, then +1 for coin 1 and -1 for coin 0, modulo 4.`,
      `move a walker ${begin} by ${times}: ${toss} on ${c}[0], increment ${q} modulo 4 when ${c}[0] = 1, decrement when ${c}[0] = 0. Use ${place}, ${q}[0] the low bit.`,
    ]
  },

  write({ coin, angle, start, steps, measured }, circuit, coding) {
    const own = coding === 2 ? circuit.define('shift', 3, (body, [toss, low, high]) => { shift(body, toss!, low!, high!) }) : undefined
    const toss = circuit.qubits('coin', 1).at(0)
    const q = circuit.qubits('data', 2)
    const [low, high] = [q.at(0), q.at(1)]
    if (start % 2 === 1) circuit.gate('x', low)
    if (start >= 2) circuit.gate('x', high)
    for (let step = 0; step < steps; step++) {
      if (coin === 'h') circuit.gate('h', toss)
      else circuit.turn(coin, angle, toss)
      if (own !== undefined) circuit.gate(own, toss, low, high)
      else if (coding === 0) shift(circuit, toss, low, high)
      // Always down by one, then up by two if the coin is 1.
      else circuit.gate('x', low).gate('cx', low, high).gate('cx', toss, high)
    }
    if (measured) circuit.readOut(q)
  },
})
