import { cross, span } from '../../points.js'
import { sequentialFamily } from '../../verilog-sequential.js'
import { clocked, decimal, hexadecimal, input, list, net, outputReg } from '../../verilog-text.js'

/** `taps` names the bits, for instance `7,5,4,3`; the first is the top bit. */
type LfsrPoint = { readonly taps: string, readonly galois: boolean }

const shape = ({ taps }: LfsrPoint) => {
  const bits = taps.split(',').map(Number)
  return { bits, width: bits[0]! + 1, mask: bits.reduce((mask, bit) => mask + 2 ** bit, 0) }
}

/** Maximal-length taps, counted from bit 0. */
const TRAINING_TAPS = ['2,1', '3,2', '4,2', '4,3,2,1', '5,4', '5,4,3,0', '6,5', '6,3', '7,5,4,3', '7,6,5,0', '8,4', '8,5,4,3', '9,6']
const EVALUATION_TAPS = ['10,8', '11,5,3,0', '12,3,2,0', '13,4,2,0', '14,13', '15,14,12,3']

export const lfsr = sequentialFamily<LfsrPoint>({
  name: 'lfsr',
  trainingPoints: cross<LfsrPoint>({ taps: TRAINING_TAPS, galois: [true, false] }),
  evaluationPoints: cross<LfsrPoint>({ taps: EVALUATION_TAPS, galois: [true, false] }),
  module: (point) => `lfsr${shape(point).width}_${point.galois ? 'galois' : 'fib'}`,
  wording(point, { enable, load, data, output: q }) {
    const { bits, width, mask } = shape(point)
    const hex = hexadecimal(width, mask)
    const step = point.galois
      ? `shifts right, 0 entering, and is XORed with ${hex} if bit 0 was 1`
      : `shifts left, bit 0 becoming the XOR of old bits ${list(bits.map(String))}`
    return {
      what: `a ${width}-bit ${point.galois ? 'Galois' : 'Fibonacci'} LFSR`,
      reset: `setting ${q} to 1`,
      behaviour: [
        `With ${enable} high, ${width}-bit output ${q} ${step}. Input ${load} has priority and takes ${width}-bit input ${data} instead; with both low ${q} holds.`,
        `Input ${load} copies ${data} (${width} bits) to output ${q} (${width} bits); else, if input ${enable} is high, ${q} ${step}; else it holds.`,
        `On each clock with ${enable} high and ${load} low, output ${q} (${width} bits) ${step}. ${load} loads input ${data}, ${width} bits, and wins; otherwise nothing changes.`,
        `Output ${q}, ${width} bits, is seeded from input ${data} (${width} bits) when ${load} is high. Otherwise, with ${enable} high, ${q} ${step}.`,
      ],
    }
  },
  inputs: (point, { enable, load, data }) => [input(load), input(enable), input(data, shape(point).width)],
  codings: [
    (point, house) => {
      const { enable, load, data, output: q } = house.names
      const { bits, width, mask } = shape(point)
      const next = point.galois
        ? `(${q} >> 1) ^ (${q}[0] ? ${hexadecimal(width, mask)} : ${hexadecimal(width, 0)})`
        : `{${q}[${width - 2}:0], ${bits.map((bit) => `${q}[${bit}]`).join(' ^ ')}}`
      return {
        outputs: [outputReg(q, width)],
        body: clocked(house, [`${q} <= ${decimal(width, 1)};`], [[load, [`${q} <= ${data};`]], [enable, [`${q} <= ${next};`]]]),
      }
    },
    (point, house) => {
      const { enable, load, data, output: q } = house.names
      const { bits, width, mask } = shape(point)
      const tapped = span(0, width - 1).reverse().map((bit) => {
        const moved = bit === width - 1 ? '' : `${q}[${bit + 1}]`
        return [moved, bits.includes(bit) ? 'fb' : ''].filter((term) => term !== '').join(' ^ ')
      })
      return {
        outputs: [outputReg(q, width)],
        body: [
          net(house, 'fb', 1, point.galois ? `${q}[0]` : `^(${q} & ${hexadecimal(width, mask)})`),
          net(house, 'nxt', width, point.galois ? `{${tapped.join(', ')}}` : `(${q} << 1) | fb`),
          ...clocked(house, [`${q} <= ${decimal(width, 1)};`], [], [`${q} <= ${load} ? ${data} : ${enable} ? nxt : ${q};`]),
        ],
      }
    },
  ],
})
