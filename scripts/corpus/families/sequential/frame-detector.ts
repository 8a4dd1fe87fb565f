import { cross, span } from '../../points.js'
import { sequentialFamily } from '../../verilog-sequential.js'
import { caseOf, choose, clocked, decimal, hexadecimal, input, net, output, variable } from '../../verilog-text.js'

type FramePoint = { readonly width: number, readonly header: 'ones' | 'one' | 'top' | 'mixed' }

const headerOf = ({ width, header }: FramePoint): number => ({
  ones: 2 ** width - 1,
  one: 1,
  top: 2 ** (width - 1),
  mixed: 0xa5a5 % 2 ** width,
})[header]

export const frameDetector = sequentialFamily<FramePoint>({
  name: 'frame-detector',
  trainingPoints: cross<FramePoint>({ width: span(3, 8), header: ['ones', 'one', 'top', 'mixed'] }),
  evaluationPoints: cross<FramePoint>({ width: [9, 10, 11, 12], header: ['ones', 'top', 'mixed'] }),
  module: (point) => `frame${point.width}_${headerOf(point).toString(16)}`,
  wording(point, { data, valid, busy, done }) {
    const { width } = point
    const hex = hexadecimal(width, headerOf(point))
    return {
      what: 'a frame detector',
      reset: 'starting the hunt',
      behaviour: [
        `Only words ${data} (${width} bits) with ${valid} count. Hunting skips words until ${hex}; next comes a length n, then n payload words, then hunting (n 0: at once); output ${busy} is high while payload is due, output ${done} with its last word.`,
        `${hex} while hunting is a header, the next word a length n, then n payload words lead back to hunting (n 0: at once); words are ${data} (${width} bits) with ${valid}. Output ${busy} means payload due, output ${done} its last word valid.`,
        `A frame is ${hex}, a length n, and n payload words, each a ${width}-bit ${data} with ${valid}; others before ${hex} are skipped. Output ${busy} is high from length to last payload edge, if n > 0; output ${done} is ${valid} at the last.`,
        `It hunts for ${hex}, takes a length, then that many payload words (none: at once hunts again), and repeats, seeing only words ${data} (${width} bits) with ${valid}. Output ${busy} marks payload state, output ${done} its last word.`,
      ],
    }
  },
  inputs: ({ width }, { data, valid }) => [input(valid), input(data, width)],
  codings: [
    (point, house) => {
      const { data, valid, busy, done, state } = house.names
      const { width } = point
      return {
        outputs: [output(busy), output(done)],
        body: [
          variable(house, state, 2),
          variable(house, 'left', width),
          `assign ${busy} = (${state} == 2'd2);`,
          `assign ${done} = ${busy} && ${valid} && left == ${decimal(width, 1)};`,
          ...clocked(house, [`${state} <= 2'd0;`, `left <= ${decimal(width, 0)};`], [
            [valid, caseOf(house, state, [
              ['2\'d0', [`${state} <= {1'b0, ${data} == ${hexadecimal(width, headerOf(point))}};`]],
              ['2\'d1', [`left <= ${data};`, `${state} <= (${data} == ${decimal(width, 0)}) ? 2'd0 : 2'd2;`]],
              ['default', ['left <= left - 1\'b1;', ...choose(house, [[done, [`${state} <= 2'd0;`]]])]],
            ])],
          ]),
        ],
      }
    },
    (point, house) => {
      const { data, valid, busy, done } = house.names
      const { width } = point
      return {
        outputs: [output(busy), output(done)],
        body: [
          variable(house, 'len'),
          variable(house, 'left', width),
          net(house, 'head', 1, `!${busy} && ${data} == ${hexadecimal(width, headerOf(point))}`),
          `assign ${busy} = |left;`,
          `assign ${done} = ${valid} & (left == ${decimal(width, 1)});`,
          ...clocked(house, ['len <= 1\'b0;', `left <= ${decimal(width, 0)};`], [], [
            `len <= ${valid} ? head & ~len : len;`,
            ...choose(house, [[valid, [`left <= len ? ${data} : left - ${busy};`]]]),
          ]),
        ],
      }
    },
  ],
})
