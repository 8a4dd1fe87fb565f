import { cross, span } from '../../points.js'
import { sequentialFamily } from '../../verilog-sequential.js'
import { bitsFor, caseOf, choose, clocked, combinational, decimal, input, net, output, outputReg, variable } from '../../verilog-text.js'

type TrafficPoint = { readonly green: number, readonly yellow: number }

const [RED, YELLOW, GREEN] = ['3\'b100', '3\'b010', '3\'b001']

export const trafficLight = sequentialFamily<TrafficPoint>({
  name: 'traffic-light',
  trainingPoints: cross<TrafficPoint>({ green: span(4, 10), yellow: [1, 2, 3] }),
  evaluationPoints: cross<TrafficPoint>({ green: [11, 12, 14, 18], yellow: [1, 2, 3] }),
  module: ({ green, yellow }) => `lights_${green}_${yellow}`,
  wording({ green, yellow }, { enable }) {
    return {
      what: 'a two-road traffic light',
      reset: 'starting ns green',
      behaviour: [
        `Outputs ns, ew (3 bits each) are {red, yellow, green}, one-hot. Repeating: ns green for ${green} steps, ns yellow for ${yellow}, ew green for ${green}, ew yellow for ${yellow}, the other red; a step is an edge with ${enable} high.`,
        `Steps are edges with ${enable} high. Output ns (3 bits) repeats 001 for ${green} steps, 010 for ${yellow}, 100 for ${green + yellow}, and output ew (3 bits) 100 for ${green + yellow}, 001 for ${green}, 010 for ${yellow}.`,
        `Outputs ns and ew have 3 bits: red, yellow, green. First ns is green for ${green} enabled edges (${enable}), then yellow for ${yellow}, ew being red; then they swap roles, and so on.`,
        `Green lasts ${green}, yellow ${yellow} clock edges with ${enable} high, first for ns, then for ew, alternating, the other red. Outputs ns and ew (3 bits each): 100 red, 010 yellow, 001 green.`,
      ],
    }
  },
  inputs: (_, { enable }) => [input(enable)],
  codings: [
    ({ green, yellow }, house) => {
      const { enable } = house.names
      const width = bitsFor(green)
      return {
        outputs: [outputReg('ns', 3), outputReg('ew', 3)],
        body: [
          variable(house, 'ph', 2),
          variable(house, 'ctr', width),
          net(house, 'last', 1, `ctr == (ph[0] ? ${decimal(width, yellow - 1)} : ${decimal(width, green - 1)})`),
          ...clocked(house, ['ph <= 2\'d0;', `ctr <= ${decimal(width, 0)};`], [
            [enable, choose(house, [['last', ['ph <= ph + 1\'b1;', `ctr <= ${decimal(width, 0)};`]]], ['ctr <= ctr + 1\'b1;'])],
          ]),
          ...combinational(house, caseOf(house, 'ph', [
            ['2\'d0', [`{ns, ew} = {${GREEN}, ${RED}};`]],
            ['2\'d1', [`{ns, ew} = {${YELLOW}, ${RED}};`]],
            ['2\'d2', [`{ns, ew} = {${RED}, ${GREEN}};`]],
            ['default', [`{ns, ew} = {${RED}, ${YELLOW}};`]],
          ])),
        ],
      }
    },
    ({ green, yellow }, house) => {
      const { enable } = house.names
      const half = green + yellow
      const width = bitsFor(half)
      return {
        outputs: [output('ns', 3), output('ew', 3)],
        body: [
          variable(house, 'ctr', width),
          variable(house, 'side'),
          net(house, 'lamp', 3, `(ctr < ${decimal(width, green)}) ? ${GREEN} : ${YELLOW}`),
          `assign ns = side ? ${RED} : lamp;`,
          `assign ew = side ? lamp : ${RED};`,
          ...clocked(house, [`ctr <= ${decimal(width, 0)};`, 'side <= 1\'b0;'], [
            [`${enable} && ctr == ${decimal(width, half - 1)}`, [`ctr <= ${decimal(width, 0)};`, 'side <= ~side;']],
            [enable, ['ctr <= ctr + 1\'b1;']],
          ]),
        ],
      }
    },
  ],
})
