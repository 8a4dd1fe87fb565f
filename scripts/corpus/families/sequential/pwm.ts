import { cross, span } from '../../points.js'
import { sequentialFamily } from '../../verilog-sequential.js'
import type { Lines } from '../../verilog-text.js'
import { clocked, decimal, input, net, output, outputReg, variable } from '../../verilog-text.js'

type PwmPoint = { readonly width: number, readonly short: boolean, readonly registered: boolean }

const period = ({ width, short }: PwmPoint): number => 2 ** width - (short ? 1 : 0)

export const pwm = sequentialFamily<PwmPoint>({
  name: 'pwm',
  trainingPoints: cross<PwmPoint>({ width: span(3, 9), short: [true, false], registered: [true, false] }),
  evaluationPoints: cross<PwmPoint>({ width: [10, 11, 12], short: [true, false], registered: [true, false] }),
  module: ({ width, registered }) => `pwm${width}${registered ? '_r' : ''}`,
  wording(point, { threshold: duty, enable }) {
    const { width, registered } = point
    const last = period(point) - 1
    const kind = registered ? 'registered' : 'combinational'
    const when = registered ? 'one clock after' : 'whenever'
    return {
      what: `a ${width}-bit PWM generator`,
      reset: registered ? 'clearing the counter and pwm' : 'clearing the counter',
      behaviour: [
        `A counter runs 0 to ${last} and wraps, stepping only when ${enable} is high. ${registered ? 'Output pwm, a register updated every clock' : 'Combinational output pwm'}, is high ${when} the counter is below ${width}-bit input ${duty} (unsigned).`,
        `While input ${enable} is high a counter steps through 0 to ${last} cyclically; else it holds. Its unsigned comparison below ${duty} (input, ${width} bits) drives ${kind} output pwm${registered ? ', updated every clock' : ''}.`,
        `The period is ${period(point)} cycles with ${enable} high: an internal counter from 0 to ${last}, held when ${enable} is low. Output pwm (${kind}${registered ? ', every clock' : ''}) tells that the counter is less than ${width}-bit ${duty}.`,
        `Inputs are ${enable}, which advances the counter, and ${duty} (${width} bits); the counter returns to 0 after ${last}. ${registered ? 'Each clock, output register pwm takes' : 'Output pwm is, without a register,'} the result of counter < ${duty}.`,
      ],
    }
  },
  inputs: ({ width }, { threshold: duty, enable }) => [input(enable), input(duty, width)],
  codings: [
    (point, house) => {
      const { threshold: duty, enable } = house.names
      const { width, short, registered } = point
      const zero = `ctr <= ${decimal(width, 0)};`
      const step: Lines = [short ? `ctr <= (ctr == ${decimal(width, period(point) - 1)}) ? ${decimal(width, 0)} : ctr + 1'b1;` : 'ctr <= ctr + 1\'b1;']
      return {
        outputs: [registered ? outputReg('pwm') : output('pwm')],
        body: [
          variable(house, 'ctr', width),
          ...clocked(house, [zero], [[enable, step]]),
          ...(registered ? clocked(house, ['pwm <= 1\'b0;'], [], [`pwm <= (ctr < ${duty});`]) : [`assign pwm = (ctr < ${duty});`]),
        ],
      }
    },
    ({ width, short, registered }, house) => {
      const { threshold: duty, enable } = house.names
      const next = short ? `(&ctr[${width - 1}:1] & ${enable}) ? ${decimal(width, 0)} : ctr + ${enable}` : `ctr + ${enable}`
      return {
        outputs: [registered ? outputReg('pwm') : output('pwm')],
        body: [
          variable(house, 'ctr', width),
          net(house, 'diff', width + 1, `{1'b0, ctr} - {1'b0, ${duty}}`),
          ...(registered ? [] : [`assign pwm = diff[${width}];`]),
          ...clocked(house, [`ctr <= ${decimal(width, 0)};`, ...(registered ? ['pwm <= 1\'b0;'] : [])], [], [
            `ctr <= ${next};`,
            ...(registered ? [`pwm <= diff[${width}];`] : []),
          ]),
        ],
      }
    },
  ],
})
