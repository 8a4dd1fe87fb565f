import { cross, span } from '../../points.js'
import { sequentialFamily } from '../../verilog-sequential.js'
import { clocked, hexadecimal, input, net, output, outputReg, repeat } from '../../verilog-text.js'

/** `poly` as `width:hex`, without the leading term: `8:07` is x^8 + x^2 + x + 1. */
type CrcPoint = { readonly poly: string, readonly ones: boolean }

const shape = ({ poly }: CrcPoint) => {
  const [width, mask] = poly.split(':')
  return { width: Number(width), mask: parseInt(mask!, 16) }
}

const TRAINING_POLYS = ['3:3', '4:3', '4:9', '5:15', '5:09', '6:03', '6:27', '7:09', '7:45', '8:07', '8:31', '8:9b']
const EVALUATION_POLYS = ['10:233', '11:385', '12:80f', '13:1cf5', '14:0805', '16:1021', '16:8005']

export const crcRegister = sequentialFamily<CrcPoint>({
  name: 'crc-register',
  trainingPoints: cross<CrcPoint>({ poly: TRAINING_POLYS, ones: [true, false] }),
  evaluationPoints: cross<CrcPoint>({ poly: EVALUATION_POLYS, ones: [true, false] }),
  module: (point) => `crc${shape(point).width}_${shape(point).mask.toString(16)}${point.ones ? '_f' : ''}`,
  wording(point, { serial, enable, clear, flag }) {
    const { width, mask } = shape(point)
    const hex = hexadecimal(width, mask)
    const start = point.ones ? 'all ones' : 'zero'
    return {
      what: `a bit-serial CRC-${width}, polynomial ${hex}`,
      reset: `setting crc to ${start}`,
      behaviour: [
        `On ${enable}, ${width}-bit output crc shifts left, 0 entering, and is XORed with ${hex} if its old bit ${width - 1} differs from input ${serial}. Input ${clear} restores ${start} and beats ${enable}; output ${flag} means crc is 0.`,
        `Feedback is bit ${width - 1} of output crc (${width} bits) XOR input ${serial}; input ${enable} makes crc shift left, filled with 0, then XOR ${hex} if feedback is 1. ${clear} first sets ${start}; output ${flag} means crc is 0.`,
        `Input ${clear} sets crc to ${start}, else ${enable} takes in one bit, ${serial}: crc becomes crc shifted left, XOR ${hex} when the bit shifted out differs from ${serial}. Outputs: crc (${width} bits), ${flag} for crc zero.`,
        `Output crc has ${width} bits, output ${flag} shows them all 0. For each bit ${serial} with ${enable} high they move left, 0 entering, and XOR ${hex} if ${serial} is unlike the bit leaving; ${clear} overrides with ${start}.`,
      ],
    }
  },
  inputs: (_, { serial, enable, clear }) => [input(clear), input(enable), input(serial)],
  codings: [
    (point, house) => {
      const { serial, enable, clear, flag } = house.names
      const { width, mask } = shape(point)
      const start = [`crc <= ${repeat(width, point.ones ? '1\'b1' : '1\'b0')};`]
      return {
        outputs: [outputReg('crc', width), output(flag)],
        body: [
          net(house, 'fb', 1, `crc[${width - 1}] ^ ${serial}`),
          `assign ${flag} = ~|crc;`,
          ...clocked(house, start, [
            [clear, start],
            [enable, [`crc <= {crc[${width - 2}:0], 1'b0} ^ (fb ? ${hexadecimal(width, mask)} : ${hexadecimal(width, 0)});`]],
          ]),
        ],
      }
    },
    (point, house) => {
      const { serial, enable, clear, flag } = house.names
      const { width, mask } = shape(point)
      const start = hexadecimal(width, point.ones ? 2 ** width - 1 : 0)
      const terms = span(0, width - 1).reverse().map((bit) => {
        const tapped = Math.floor(mask / 2 ** bit) % 2 === 1
        if (bit === 0) return tapped ? 'fb' : '1\'b0'
        return `crc[${bit - 1}]${tapped ? ' ^ fb' : ''}`
      })
      return {
        outputs: [outputReg('crc', width), output(flag)],
        body: [
          net(house, 'fb', 1, `(${serial} != crc[${width - 1}])`),
          ...clocked(house, [`crc <= ${start};`], [
            [clear, [`crc <= ${start};`]],
            [enable, [`crc <= {${terms.join(', ')}};`]],
          ]),
          `assign ${flag} = (crc == ${hexadecimal(width, 0)});`,
        ],
      }
    },
  ],
})
