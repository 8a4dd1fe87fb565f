import { cross, span } from '../../points.js'
import { sequentialFamily } from '../../verilog-sequential.js'
import { bitsFor, choose, clocked, combinational, decimal, input, net, outputReg, variable } from '../../verilog-text.js'

type VendingPoint = { readonly price: number, readonly refund: boolean }

/** Wide enough for the price and one more coin. */
const widthOf = (price: number): number => bitsFor(price + 3)

export const vendingMachine = sequentialFamily<VendingPoint>({
  name: 'vending-machine',
  trainingPoints: cross<VendingPoint>({ price: span(3, 13), refund: [true, false] }),
  evaluationPoints: cross<VendingPoint>({ price: [15, 17, 20, 24, 29], refund: [true, false] }),
  module: ({ price, refund }) => `vend${price}${refund ? '_rf' : ''}`,
  wording({ price, refund }, { clear }) {
    const width = widthOf(price)
    const back = refund ? 'the old credit' : '0'
    return {
      what: 'a vending machine',
      reset: 'clearing all',
      behaviour: [
        `Each edge adds 2-bit input coin to the credit; a sum of ${price} or more zeroes the credit, with register vend 1 and ${width}-bit register change the excess for one cycle, else 0. ${clear} instead: credit 0, vend 0, change ${back}.`,
        `Credit plus coin (2-bit input) of ${price} or more makes registers vend 1, change (${width} bits) the excess, credit 0; a smaller sum is the new credit, vend and change 0. Input ${clear} overrides: credit 0, vend 0, change ${back}.`,
        `Outputs vend and change (${width} bits) are registers. On ${clear}: credit 0, vend 0, change ${back}; otherwise credit plus coin (2-bit input), if below ${price}, is kept, outputs 0; if not, credit is 0, vend 1, change the excess.`,
        `2-bit coin raises the credit at every edge until it reaches ${price}: then credit is 0 and, for one cycle, output vend 1 and output change (${width} bits) the excess, else both 0. ${clear} overrides: credit and vend 0, change ${back}.`,
      ],
    }
  },
  inputs: (_, { clear }) => [input('coin', 2), input(clear)],
  codings: [
    ({ price, refund }, house) => {
      const { clear } = house.names
      const width = widthOf(price)
      const zero = decimal(width, 0)
      return {
        outputs: [outputReg('vend'), outputReg('change', width)],
        body: [
          variable(house, 'acc', width),
          net(house, 'paid', width, 'acc + coin'),
          ...clocked(house, [`acc <= ${zero};`, 'vend <= 1\'b0;', `change <= ${zero};`], [
            [clear, [`acc <= ${zero};`, 'vend <= 1\'b0;', `change <= ${refund ? 'acc' : zero};`]],
            [`paid >= ${decimal(width, price)}`, [`acc <= ${zero};`, 'vend <= 1\'b1;', `change <= paid - ${decimal(width, price)};`]],
          ], ['acc <= paid;', 'vend <= 1\'b0;', `change <= ${zero};`]),
        ],
      }
    },
    ({ price, refund }, house) => {
      const { clear } = house.names
      const width = widthOf(price)
      const zero = decimal(width, 0)
      return {
        outputs: [outputReg('vend'), outputReg('change', width)],
        body: [
          variable(house, 'acc, nxt, back', width),
          variable(house, 'sale'),
          ...combinational(house, [
            'nxt = acc + coin;',
            `sale = !${clear} && nxt >= ${decimal(width, price)};`,
            `back = ${zero};`,
            ...(refund ? choose(house, [[clear, ['back = acc;']]]) : []),
            ...choose(house, [['sale', [`back = nxt - ${decimal(width, price)};`]]]),
            ...choose(house, [[`sale || ${clear}`, [`nxt = ${zero};`]]]),
          ]),
          ...clocked(house, ['vend <= 1\'b0;', `{acc, change} <= ${decimal(2 * width, 0)};`], [], ['vend <= sale;', '{acc, change} <= {nxt, back};']),
        ],
      }
    },
  ],
})
