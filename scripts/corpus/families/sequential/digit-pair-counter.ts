import { cross } from '../../points.js'
import { sequentialFamily, wide } from '../../verilog-sequential.js'
import { bitsFor, choose, clocked, decimal, input, net, output, outputReg } from '../../verilog-text.js'

/** Two digits of bases `low` and `high`: (10, 10) is BCD, (10, 6) counts seconds. */
type DigitPairPoint = { readonly low: number, readonly high: number }

export const digitPairCounter = sequentialFamily<DigitPairPoint>({
  name: 'digit-pair-counter',
  trainingPoints: cross<DigitPairPoint>({ low: [3, 5, 6, 7, 8, 10, 12], high: [3, 4, 6, 10] }),
  evaluationPoints: cross<DigitPairPoint>({ low: [13, 14, 15, 18], high: [5, 11, 12] }),
  module: ({ low, high }) => `digits_${high}x${low}`,
  wording({ low, high }, { enable, clear }) {
    const [lowWidth, highWidth] = [bitsFor(low), bitsFor(high)]
    return {
      what: `a two-digit counter`,
      reset: 'clearing both digits',
      behaviour: [
        `On ${enable}, ${wide(lowWidth)}output ones counts 0 to ${low - 1} and wraps; as it wraps, ${wide(highWidth)}output tens counts 0 to ${high - 1} and wraps. Input ${clear} zeroes both and beats ${enable}; output carry is high when ${enable} is high at ${high - 1}, ${low - 1}.`,
        `Digit ones (output, ${lowWidth} bits) runs from 0 to ${low - 1} while ${enable} is high; its wrap steps digit tens (output, ${highWidth} bits), which runs from 0 to ${high - 1}. ${clear} first zeroes both; output carry is ${enable} with tens ${high - 1} and ones ${low - 1}.`,
        `Outputs ones (${lowWidth} bits, base ${low}) and tens (${highWidth} bits, base ${high}) form one number that rises by one on ${enable}, wrapping to zero, and is zeroed by ${clear}, which has priority. Output carry shows ${enable} at the highest number.`,
        `${clear} sets outputs ones (${lowWidth} bits) and tens (${highWidth} bits) to 0, with priority; else ${enable} adds 1 to ones, where ${low - 1} returns to 0 and adds 1 to tens, where ${high - 1} returns to 0. Output carry: ${enable} and both digits last.`,
      ],
    }
  },
  inputs: (_, { enable, clear }) => [input(clear), input(enable)],
  codings: [
    ({ low, high }, house) => {
      const { enable, clear } = house.names
      const [lowWidth, highWidth] = [bitsFor(low), bitsFor(high)]
      const zero = [`ones <= ${decimal(lowWidth, 0)};`, `tens <= ${decimal(highWidth, 0)};`]
      const lowLast = decimal(lowWidth, low - 1)
      const highLast = decimal(highWidth, high - 1)
      return {
        outputs: [outputReg('ones', lowWidth), outputReg('tens', highWidth), output('carry')],
        body: [
          ...clocked(house, zero, [
            [clear, zero],
            [`${enable} && ones == ${lowLast}`, [
              `ones <= ${decimal(lowWidth, 0)};`,
              ...choose(house, [[`tens == ${highLast}`, [`tens <= ${decimal(highWidth, 0)};`]]], ['tens <= tens + 1\'b1;']),
            ]],
            [enable, ['ones <= ones + 1\'b1;']],
          ]),
          `assign carry = ${enable} && ones == ${lowLast} && tens == ${highLast};`,
        ],
      }
    },
    ({ low, high }, house) => {
      const { enable, clear } = house.names
      const [lowWidth, highWidth] = [bitsFor(low), bitsFor(high)]
      const digit = (name: string, width: number, step: string, last: string): string =>
        `${name} <= (${clear} | ${last}) ? ${decimal(width, 0)} : ${name} + ${step};`
      return {
        outputs: [outputReg('ones', lowWidth), outputReg('tens', highWidth), output('carry')],
        body: [
          net(house, 'step', 1, `${enable} & (ones == ${decimal(lowWidth, low - 1)})`),
          `assign carry = step & (tens == ${decimal(highWidth, high - 1)});`,
          ...clocked(house, [`{tens, ones} <= ${decimal(lowWidth + highWidth, 0)};`], [], [
            digit('ones', lowWidth, enable, 'step'),
            digit('tens', highWidth, 'step', 'carry'),
          ]),
        ],
      }
    },
  ],
})
