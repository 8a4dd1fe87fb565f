import { cross, span } from '../../points.js'
import { sequentialFamily } from '../../verilog-sequential.js'
import { caseOf, clocked, decimal, input, net, output, outputReg, variable } from '../../verilog-text.js'

/** The sending half of a four-phase handshake between clocks. */
type HandshakePoint = { readonly width: number, readonly stages: number }

export const handshakeSender = sequentialFamily<HandshakePoint>({
  name: 'handshake-sender',
  trainingPoints: cross<HandshakePoint>({ width: span(2, 9), stages: [2, 3, 4] }),
  evaluationPoints: cross<HandshakePoint>({ width: [6, 8, 10, 11, 12], stages: [5, 6] }),
  module: ({ width, stages }) => `hs_send${width}_${stages}`,
  wording({ width, stages }, { valid, ready, data, output: q, request }) {
    return {
      what: 'a four-phase handshake sender',
      reset: 'clearing all registers',
      behaviour: [
        `Input ack passes ${stages} flip-flops to give acks. Output ${ready} is high when ${request} and acks are low; ${valid} with ${ready} stores ${width}-bit ${data} in ${width}-bit output ${q} and sets output ${request}, which an edge with acks high clears.`,
        `Synchronised by ${stages} flip-flops, ack becomes acks. When output ${request} and acks are both 0, output ${ready} is 1 and ${valid} copies ${data} (${width} bits) to output ${q} (${width} bits) and raises ${request}; ${request} falls at an edge with acks 1.`,
        `Output ${request} rises, and output ${q} (${width} bits) takes ${data} (${width} bits), at an edge with ${valid} and output ${ready} high; it falls at an edge with acks high, acks being ack after ${stages} flip-flops. ${ready} means ${request} and acks low.`,
        `Let acks be input ack delayed by ${stages} flip-flops; output ${ready} is neither ${request} nor acks. An accepted word (${valid} and ${ready}) goes from ${width}-bit ${data} to ${width}-bit output ${q} with output ${request} going high until an edge with acks.`,
      ],
    }
  },
  inputs: ({ width }, { valid, data }) => [input(valid), input(data, width), input('ack')],
  codings: [
    ({ width, stages }, house) => {
      const { valid, ready, data, output: q, request } = house.names
      return {
        outputs: [output(ready), outputReg(request), outputReg(q, width)],
        body: [
          variable(house, 'sh', stages),
          net(house, 'acks', 1, `sh[${stages - 1}]`),
          `assign ${ready} = !${request} && !acks;`,
          ...clocked(house, [`sh <= ${decimal(stages, 0)};`], [], [`sh <= {sh[${stages - 2}:0], ack};`]),
          ...clocked(house, [`${request} <= 1'b0;`, `${q} <= ${decimal(width, 0)};`], [
            [`${ready} && ${valid}`, [`${request} <= 1'b1;`, `${q} <= ${data};`]],
            ['acks', [`${request} <= 1'b0;`]],
          ]),
        ],
      }
    },
    ({ width, stages }, house) => {
      const { valid, ready, data, output: q, request } = house.names
      const chain = ['ack', ...span(1, stages - 1).map((at) => `s${at}`), 'acks']
      const flops = `{${chain.slice(1).join(', ')}}`
      return {
        outputs: [output(ready), outputReg(request), outputReg(q, width)],
        body: [
          variable(house, chain.slice(1).join(', ')),
          net(house, 'take', 1, `${valid} & ${ready}`),
          `assign ${ready} = ({${request}, acks} == 2'b00);`,
          ...clocked(house, [`${flops} <= ${decimal(stages, 0)};`, `${request} <= 1'b0;`], [], [
            `${flops} <= {${chain.slice(0, -1).join(', ')}};`,
            ...caseOf(house, `{${request}, acks}`, [['2\'b00', [`${request} <= ${valid};`]], ['2\'b11', [`${request} <= 1'b0;`]], ['default', [`${request} <= ${request};`]]]),
          ]),
          ...clocked(house, [`${q} <= ${decimal(width, 0)};`], [], [`${q} <= take ? ${data} : ${q};`]),
        ],
      }
    },
  ],
})
