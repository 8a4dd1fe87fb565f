import { cross } from '../../points.js'
import { sequentialFamily } from '../../verilog-sequential.js'
import { bitsFor, choose, clocked, decimal, input, net, output, repeat, variable } from '../../verilog-text.js'

type UartPoint = { readonly bits: number, readonly divisor: number, readonly parity: 'none' | 'even' | 'odd' }

const shape = ({ bits, divisor, parity }: UartPoint) => {
  const frame = bits + (parity === 'none' ? 2 : 3)
  return { frame, leftWidth: bitsFor(frame + 1), timerWidth: bitsFor(divisor) }
}

/** The frame with its first bit lowest, from the expression of the data word. */
const frameText = (parity: UartPoint['parity'], data: string): string =>
  `{1'b1, ${{ none: '', even: `^${data}, `, odd: `~^${data}, ` }[parity]}${data}, 1'b0}`

export const uartTransmitter = sequentialFamily<UartPoint>({
  name: 'uart-transmitter',
  trainingPoints: cross<UartPoint>({ bits: [5, 6, 7, 8], divisor: [2, 3, 4, 5, 6], parity: ['none', 'even', 'odd'] }).filter(({ bits, divisor }) => (bits + divisor) % 2 === 0),
  evaluationPoints: cross<UartPoint>({ bits: [7, 8, 9], divisor: [7, 10, 12], parity: ['none', 'even', 'odd'] }).filter(({ bits, divisor }) => (bits + divisor) % 2 === 1),
  module: ({ bits, divisor, parity }) => `uart_tx${bits}${parity[0]!}_${divisor}`,
  wording({ bits, divisor, parity }, { start, data, busy }) {
    const check = parity === 'none' ? '' : `, ${parity} parity bit`
    return {
      what: `a UART transmitter`,
      reset: 'making it idle',
      behaviour: [
        `Input ${start}, seen while output ${busy} is low, takes ${bits}-bit input ${data}; output tx then sends start bit 0, ${data} from bit 0 up${check} and stop bit 1, each for ${divisor} cycles, with ${busy} high. Idle tx is 1.`,
        `Output tx is 1 when idle. A ${start} in idle captures ${data} (${bits} bits) and makes output ${busy} high while a 0, the bits of ${data} (lowest first)${check} and a 1 go out on tx for ${divisor} cycles each.`,
        `Each bit lasts ${divisor} cycles on output tx: 0, then ${bits}-bit ${data}, least significant first${check}, then 1. Input ${start} begins it on the next cycle unless output ${busy}, high for the whole frame, ignores it; idle tx is 1.`,
        `While output ${busy} is low, output tx rests at 1 and ${start} is accepted with ${data}, ${bits} bits. The frame, ${busy} high, is 0, ${data} lowest bit first${check}, 1; every bit takes ${divisor} cycles.`,
      ],
    }
  },
  inputs: ({ bits }, { start, data }) => [input(start), input(data, bits)],
  codings: [
    (point, house) => {
      const { start, data, busy } = house.names
      const { frame, leftWidth, timerWidth } = shape(point)
      return {
        outputs: [output('tx'), output(busy)],
        body: [
          variable(house, 'sh', frame),
          variable(house, 'left', leftWidth),
          variable(house, 'ctr', timerWidth),
          'assign tx = sh[0];',
          `assign ${busy} = (left != ${decimal(leftWidth, 0)});`,
          ...clocked(house, [`sh <= ${repeat(frame, '1\'b1')};`, `left <= ${decimal(leftWidth, 0)};`, `ctr <= ${decimal(timerWidth, 0)};`], [
            [`${start} && !${busy}`, [`sh <= ${frameText(point.parity, data)};`, `left <= ${decimal(leftWidth, frame)};`]],
            [busy, choose(house, [[`ctr == ${decimal(timerWidth, point.divisor - 1)}`, [
              `ctr <= ${decimal(timerWidth, 0)};`,
              `sh <= {1'b1, sh[${frame - 1}:1]};`,
              'left <= left - 1\'b1;',
            ]]], ['ctr <= ctr + 1\'b1;'])],
          ]),
        ],
      }
    },
    (point, house) => {
      const { start, data, busy } = house.names
      const { frame, timerWidth } = shape(point)
      const posWidth = bitsFor(frame)
      const [zero, first] = [decimal(timerWidth, 0), decimal(posWidth, 0)]
      return {
        outputs: [output('tx'), output(busy)],
        body: [
          variable(house, 'fr', frame),
          variable(house, 'run'),
          variable(house, 'pos', posWidth),
          variable(house, 'ctr', timerWidth),
          net(house, 'tick', 1, `(ctr == ${decimal(timerWidth, point.divisor - 1)})`),
          `assign ${busy} = run;`,
          net(house, 'rest', frame, 'fr >> pos'),
          'assign tx = ~run | rest[0];',
          ...clocked(house, ['run <= 1\'b0;', `fr <= ${decimal(frame, 0)};`, `pos <= ${first};`, `ctr <= ${zero};`], [
            ['run', [
              `ctr <= tick ? ${zero} : ctr + 1'b1;`,
              'pos <= pos + tick;',
              `run <= ~(tick & pos == ${decimal(posWidth, frame - 1)});`,
            ]],
          ], [`run <= ${start};`, `pos <= ${first};`, `fr <= ${frameText(point.parity, data)};`]),
        ],
      }
    },
  ],
})
