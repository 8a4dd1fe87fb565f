import { half } from './angle.js'
import { combine, halfMeasured, range } from './points.js'
import { quantumFamily } from './quantum-family.js'

type WPoint = { qubits: number, start: number, direction: 'up' | 'down', measured: boolean }

const directions = { direction: ['up', 'down'] } as const

function points(sizes: readonly number[]): WPoint[] {
  return halfMeasured(sizes.flatMap((qubits) => combine({ qubits: [qubits], start: range(qubits), ...directions })))
}

/** The ry angle that leaves 1/left of the excitation behind: 2 acos(1/sqrt(left)). */
function splitAngle(left: number): string {
  if (left === 2) return 'pi/2'
  if (left === 4) return '2*pi/3'
  return (2 * Math.acos(1 / Math.sqrt(left))).toFixed(4)
}

export const wState = quantumFamily<WPoint>({
  name: 'w-state',
  trainingPoints: points([3, 4, 5]),
  evaluationPoints: points([6]),
  codings: 3,

  asks({ qubits, start, direction }, words) {
    const { data: q } = words
    const angles = range(qubits - 1).map((step) => splitAngle(qubits - step)).join(', ')
    const next = `next ${direction === 'up' ? 'higher' : 'lower'} qubit (cyclic)`
    return [
      `prepare a W state on the ${words.sized(q, qubits)}: x on ${q}[${start}], then pass it on to the ${next} with controlled ry of angles ${angles} in turn, each followed by cx from the new qubit back.`,
      `spread one excitation evenly over ${words.declared(q, qubits)}. Begin with x on ${q}[${start}]; for angles ${angles} apply cry from the current to the ${next}, cx back, and move on.`,
      `make the W state of ${words.declared(q, qubits)} as a cascade from ${q}[${start}] going ${direction} cyclically: x, then for each of the ry angles ${angles} a controlled ry to the neighbour and a cx from the neighbour back.`,
      `build a ${qubits}-qubit W state in register ${q}, excited first at ${q}[${start}]. Step ${direction} through the ring with cry(${angles}), and after each cry a cx in the opposite direction.`,
    ]
  },

  write({ qubits, start, direction, measured }, circuit, coding) {
    const split = coding === 2
      ? circuit.define('split', 2, (body, [from, to], angle) => body.halfTurns('ry', angle, from!, to!, 'cx').gate('cx', to!, from!), true)
      : undefined
    const q = circuit.qubits('data', qubits)
    const place = (step: number): string => q.at((start + (direction === 'up' ? step : qubits - step)) % qubits)
    circuit.gate('x', place(0))
    for (const step of range(qubits - 1)) {
      const angle = splitAngle(qubits - step)
      const [from, to] = [place(step), place(step + 1)]
      if (split !== undefined) {
        circuit.turn(split, half(angle), from, to)
        continue
      }
      if (coding === 0) circuit.controlledRy(angle, from, to)
      else circuit.halfTurns('ry', half(angle), from, to, 'cz')
      circuit.gate('cx', to, from)
    }
    if (measured) circuit.readOut(q)
  },
})
