import { cross, span } from '../../points.js'
import { fromGray, sequentialFamily, toGray } from '../../verilog-sequential.js'
import { clocked, decimal, input, net, output, outputReg, variable } from '../../verilog-text.js'

/** One side of a FIFO between two clocks: its own pointer, and the other side's as synchronised Gray code. */
type PointerPoint = { readonly width: number, readonly side: 'write' | 'read', readonly registered: boolean }

export const grayPointer = sequentialFamily<PointerPoint>({
  name: 'gray-pointer',
  trainingPoints: cross<PointerPoint>({ width: span(3, 7), side: ['write', 'read'], registered: [true, false] }),
  evaluationPoints: cross<PointerPoint>({ width: [8, 9, 10], side: ['write', 'read'], registered: [true, false] }),
  module: ({ width, side, registered }) => `gptr${width}_${side === 'write' ? 'w' : 'r'}${registered ? '_f' : ''}`,
  wording({ width, side, registered }, names) {
    const [move, flag] = side === 'write' ? [names.write, names.full] : [names.read, names.empty]
    const low = `${width - 1} bits`
    const equal = side === 'write' ? `input other (${width} bits) with top two bits inverted` : `input other (${width} bits)`
    const when = registered
      ? `Register ${flag} becomes 1 if the new ptr equals ${equal}, else 0`
      : `Output ${flag} is high while ptr equals ${equal}`
    return {
      what: `a FIFO ${side} pointer`,
      reset: side === 'read' && registered ? `setting ${flag}, clearing ptr` : 'clearing all',
      behaviour: [
        `On ${move}, unless ${flag}, a ${width}-bit number increments; output ptr (${width} bits) is its Gray code, output slot its low ${low}. ${when}.`,
        `Output ptr (${width} bits) is the Gray code, output slot the low ${low}, of a number that ${move} increments unless ${flag}. ${when}.`,
        `${move} without ${flag} increments a ${width}-bit number, shown in Gray code on output ptr (${width} bits), its low ${low} on output slot. ${when}.`,
        `A ${width}-bit number drives outputs ptr (its ${width}-bit Gray code) and slot (its low ${low}) and increments on ${move} while ${flag} is low. ${when}.`,
      ],
    }
  },
  inputs: ({ width, side }, { write, read }) => [input(side === 'write' ? write : read), input('other', width)],
  codings: [
    ({ width, side, registered }, house) => {
      const [move, flag] = side === 'write' ? [house.names.write, house.names.full] : [house.names.read, house.names.empty]
      const target = side === 'write' ? `{~other[${width - 1}:${width - 2}], other[${width - 3}:0]}` : 'other'
      return {
        outputs: [output('ptr', width), output('slot', width - 1), registered ? outputReg(flag) : output(flag)],
        body: [
          variable(house, 'bin', width),
          net(house, 'nxt', width, `bin + (${move} & ~${flag})`),
          `assign ptr = ${toGray('bin')};`,
          `assign slot = bin[${width - 2}:0];`,
          ...clocked(house, [`bin <= ${decimal(width, 0)};`], [], ['bin <= nxt;']),
          ...(registered
            ? clocked(house, [`${flag} <= 1'b${side === 'read' ? 1 : 0};`], [], [`${flag} <= ((${toGray('nxt')}) == ${target});`])
            : [`assign ${flag} = (ptr == ${target});`]),
        ],
      }
    },
    ({ width, side, registered }, house) => {
      const [move, flag] = side === 'write' ? [house.names.write, house.names.full] : [house.names.read, house.names.empty]
      const mask = side === 'write' ? decimal(width, 3 * 2 ** (width - 2)) : decimal(width, 0)
      const same = (pointer: string): string => side === 'write' ? `(${pointer} ^ other) == ${mask}` : `~|(${pointer} ^ other)`
      return {
        outputs: [outputReg('ptr', width), output('slot', width - 1), registered ? outputReg(flag) : output(flag)],
        body: [
          net(house, 'bin', width, fromGray('ptr', width)),
          net(house, 'up1', width, 'bin + 1\'b1'),
          net(house, 'nxt', width, `(${move} && !${flag}) ? ${toGray('up1')} : ptr`),
          `assign slot = bin[${width - 2}:0];`,
          ...(registered ? [] : [`assign ${flag} = ${same('ptr')};`]),
          ...clocked(house, [`ptr <= ${decimal(width, 0)};`, ...(registered ? [`${flag} <= 1'b${side === 'read' ? 1 : 0};`] : [])], [], [
            'ptr <= nxt;',
            ...(registered ? [`${flag} <= ${same('nxt')};`] : []),
          ]),
        ],
      }
    },
  ],
})
