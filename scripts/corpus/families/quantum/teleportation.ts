import { chooser, distinct, EVALUATION_ANGLES, range, TRAINING_ANGLES } from './points.js'
import { quantumFamily } from './quantum-family.js'

type TeleportPoint = { hops: number, tilt: string, turn: string, measured: boolean }

function points(seed: number, hops: readonly number[], angles: readonly string[], count: number): TeleportPoint[] {
  const choose = chooser(seed)
  return distinct(range(count).map((i) => ({ hops: hops[i % hops.length]!, tilt: choose.one(angles), turn: choose.one(angles), measured: i % 3 !== 0 })))
}

export const teleportation = quantumFamily<TeleportPoint>({
  name: 'teleportation',
  trainingPoints: points(151, [1, 1, 2], TRAINING_ANGLES, 1440),
  evaluationPoints: points(152, [1, 2, 3], EVALUATION_ANGLES, 96),
  codings: 3,

  asks({ hops, tilt, turn }, words) {
    const { data: q } = words
    const size = 2 * hops + 1
    const chain = hops === 1 ? '' : ` Repeat from ${q}[2]${hops === 3 ? `, ${q}[4]` : ''} to the end ${q}[${size - 1}].`
    const message = `ry(${tilt}) and rz(${turn})`
    return [
      `teleport ${q}[0], prepared by ${message}, to ${q}[2] of ${words.declared(q, size)}, corrections deferred: h ${q}[1], cx ${q}[1],${q}[2]; cx ${q}[0],${q}[1], h ${q}[0]; cx ${q}[1],${q}[2], cz ${q}[0],${q}[2].${chain}`,
      `write teleportation with quantum controls instead of classical ones on ${words.declared(q, size)}. Message ${q}[0] gets ${message}; ${q}[1],${q}[2] become a Bell pair (h, cx); Bell basis change of ${q}[0],${q}[1]; cx from ${q}[1], cz from ${q}[0] onto ${q}[2].${chain}`,
      `move the state ${message} makes on ${q}[0] to ${q}[2] in the ${words.sized(q, size)}: Bell pair ${q}[1],${q}[2], then cx ${q}[0] to ${q}[1] and h ${q}[0], then cx ${q}[1] and cz ${q}[0] onto ${q}[2].${chain}`,
      `do deferred-measurement teleportation across ${words.declared(q, size)}, ${hops === 1 ? 'one hop' : `${hops} hops`}, after ${message} on ${q}[0]. A hop: Bell pair on the next two, cx and h from the sender, then cx from the middle and cz from the sender onto the receiver.${chain}`,
    ]
  },

  reads: ({ hops, measured }, { data, bits }) => measured ? { from: `${data}[${2 * hops}]`, into: `${bits}[0]` } : undefined,

  write({ hops, tilt, turn, measured }, circuit, coding) {
    const bell = coding === 2 ? circuit.define('bell', 2, (body, [a, b]) => body.gate('h', a!).gate('cx', a!, b!)) : undefined
    const q = circuit.qubits('data', 2 * hops + 1)
    circuit.turn('ry', tilt, q.at(0))
    if (coding === 1) circuit.phase(turn, q.at(0))
    else circuit.turn('rz', turn, q.at(0))
    for (let hop = 0; hop < hops; hop++) {
      const [sender, middle, receiver] = [q.at(2 * hop), q.at(2 * hop + 1), q.at(2 * hop + 2)]
      if (bell !== undefined) circuit.gate(bell, middle, receiver)
      else circuit.gate('h', middle).gate('cx', middle, receiver)
      circuit.gate('cx', sender, middle).gate('h', sender).gate('cx', middle, receiver)
      if (coding === 1) circuit.signByCx(sender, receiver)
      else circuit.gate('cz', sender, receiver)
    }
    if (measured) circuit.measurement(q.at(2 * hops), circuit.bits(1).at(0))
  },
})
