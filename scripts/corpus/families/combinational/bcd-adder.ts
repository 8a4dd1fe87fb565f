import { defineFamily } from '../../family.js'
import type { HouseStyle } from '../../house.js'
import { cross, span } from '../../points.js'
import { FRAMES, specify } from '../../specification.js'
import type { Lines, Port } from '../../verilog-text.js'
import { choose, combinational, input, moduleName, moduleText, net, output, outputReg, pick, variable } from '../../verilog-text.js'

type BcdPoint = { digits: number, carryIn: boolean, carryOut: boolean, invalid: boolean }

const axes = { carryIn: [false, true], carryOut: [false, true], invalid: [false, true] }

const ports = ({ digits, carryIn, carryOut, invalid }: BcdPoint, { names }: HouseStyle, result = output): Port[] => [
  input(names.a, 4 * digits), input(names.b, 4 * digits), ...carryIn ? [input(names.carryIn)] : [],
  result(names.sum, 4 * digits), ...carryOut ? [output(names.carryOut)] : [], ...invalid ? [output(names.error)] : [],
]

export const bcdAdder = defineFamily<BcdPoint>({
  name: 'bcd-adder',
  domain: 'verilog',
  kind: 'combinational',
  trainingPoints: cross<BcdPoint>({ digits: span(1, 4), ...axes }),
  evaluationPoints: cross<BcdPoint>({ digits: span(5, 7), ...axes }),
  phrasings: FRAMES,
  codings: 2,

  describe(point, house, phrasing) {
    const { digits, carryIn, carryOut, invalid } = point
    const { a, b, carryIn: cin, carryOut: cout, sum, error } = house.names
    const terms = `${a} + ${b}${carryIn ? ` + ${cin}` : ''}`
    const rule = pick(phrasing, [`${sum} is ${terms} in BCD`, `${sum} is the BCD sum ${terms}`])
      + '; sums above 9 get 6 added and carry'
      + (carryOut ? `; ${cout} is the last` : '')
      + (invalid ? `; ${error} tells ${a}[3:0] or ${b}[3:0] above 9` : '')
    return specify(phrasing, { module: moduleName(house, `bcdadd${digits}`), title: `${digits}-digit BCD adder`, ports: ports(point, house), rule })
  },

  write(point, house, coding) {
    const { digits, carryIn, carryOut, invalid } = point
    const { a, b, carryIn: cin, carryOut: cout, sum, error } = house.names
    const module = (body: Lines, port = output): string => moduleText(house, `bcdadd${digits}`, ports(point, house, port), body)
    const told = [
      ...carryOut ? [`assign ${cout} = ${coding === 0 ? 'k' : `k[${digits}]`};`] : [],
      ...invalid ? [coding === 0 ? `assign ${error} = ${a}[3:0] > 4'd9 || ${b}[3:0] > 4'd9;` : `assign ${error} = (${a}[3] & (${a}[2] | ${a}[1])) | (${b}[3] & (${b}[2] | ${b}[1]));`] : [],
    ]
    const digit = (name: string): string => digits === 1 ? name : `${name}[4 * i +: 4]`
    if (coding === 0) {
      const step: Lines = [
        `t = ${digit(a)} + ${digit(b)} + k;`, 'k = t > 5\'d9;', ...choose(house, [['k', ['t = t + 5\'d6;']]]), `${digit(sum)} = t[3:0];`,
      ]
      return module([
        ...digits === 1 ? [] : ['integer i;'], variable(house, 'k'), variable(house, 't', 5),
        ...combinational(house, [`k = ${carryIn ? cin : '1\'b0'};`, ...digits === 1 ? step : [`for (i = 0; i < ${digits}; i = i + 1) begin`, step, 'end']]),
        ...told,
      ], outputReg)
    }
    const first = `k[0] = ${carryIn ? cin : '1\'b0'};`
    if (digits === 1) {
      return module([
        net(house, 'k', 2), net(house, 't', 5, `${a} + ${b} + k[0]`), `assign ${first}`,
        'assign k[1] = t[4] | (t[3] & (t[2] | t[1]));', `assign ${sum} = k[1] ? t[3:0] + 4'd6 : t[3:0];`, ...told,
      ])
    }
    return module([
      net(house, 'k', digits + 1), `assign ${first}`, 'genvar i;', 'generate', [`for (i = 0; i < ${digits}; i = i + 1) begin : g`, [
        `wire [4:0] t = ${digit(a)} + ${digit(b)} + k[i];`, 'assign k[i + 1] = t[4] | (t[3] & (t[2] | t[1]));', `assign ${digit(sum)} = k[i + 1] ? t[3:0] + 4'd6 : t[3:0];`,
      ], 'end'], 'endgenerate', ...told,
    ])
  },
})
