import { cross, span } from '../../points.js'
import { sequentialFamily } from '../../verilog-sequential.js'
import { caseOf, choose, clocked, decimal, input, net, output, outputReg, variable } from '../../verilog-text.js'

/**
 * A valid/ready stage: `half` takes a word only when empty, `pipe` also when its word leaves (ready runs through),
 * `skid` holds two words so that neither valid nor ready runs through.
 */
type SkidPoint = { readonly width: number, readonly kind: 'half' | 'pipe' | 'skid' }

const READY = {
  half: { words: '1 word', when: 'empty' },
  pipe: { words: '1 word', when: 'empty or out_ready is high' },
  skid: { words: '2 words', when: 'fewer than two are held' },
} as const

export const skidBuffer = sequentialFamily<SkidPoint>({
  name: 'skid-buffer',
  trainingPoints: cross<SkidPoint>({ width: span(2, 9), kind: ['half', 'pipe', 'skid'] }),
  evaluationPoints: cross<SkidPoint>({ width: [10, 11, 12, 14], kind: ['half', 'pipe', 'skid'] }),
  module: ({ width, kind }) => `${kind}_buf${width}`,
  wording({ width, kind }, { data, output: q }) {
    const { words, when } = READY[kind]
    return {
      what: `a valid-ready buffer of ${words}`,
      reset: 'emptying it',
      behaviour: [
        `in_valid stores ${width}-bit ${data} when output in_ready is high, that is, when ${when}. Output out_valid is high while not empty, ${width}-bit output ${q} is the oldest word, else 0; out_valid with out_ready removes it.`,
        `A word enters from ${data} (${width} bits) on in_valid and output in_ready, high when ${when}. Output ${q} (${width} bits) is the oldest word or 0, output out_valid tells that it exists, out_ready removes it.`,
        `${data} (${width} bits) goes in on in_valid and in_ready, ${q} (${width} bits) comes out on out_valid and out_ready. Output in_ready: ${when}; output out_valid: not empty; output ${q}: oldest word, 0 if empty.`,
        `Output out_valid says not empty, output ${q} (${width} bits) gives the oldest word or 0, and out_ready takes it away. Input ${data} (${width} bits) is accepted on in_valid with output in_ready: ${when}.`,
      ],
    }
  },
  inputs: ({ width }, { data }) => [input('in_valid'), input(data, width), input('out_ready')],
  codings: [
    ({ width, kind }, house) => {
      const { data, output: q } = house.names
      const outputs = [output('in_ready'), outputReg('out_valid'), output(q, width)]
      const shown = `assign ${q} = out_valid ? r0 : ${decimal(width, 0)};`
      if (kind !== 'skid') {
        return {
          outputs,
          body: [
            variable(house, 'r0', width),
            `assign in_ready = !out_valid${kind === 'pipe' ? ' || out_ready' : ''};`,
            shown,
            ...clocked(house, ['out_valid <= 1\'b0;', `r0 <= ${decimal(width, 0)};`], [
              ['in_valid && in_ready', ['out_valid <= 1\'b1;', `r0 <= ${data};`]],
              ['out_ready', ['out_valid <= 1\'b0;']],
            ]),
          ],
        }
      }
      return {
        outputs,
        body: [
          variable(house, 'r0, r1', width),
          variable(house, 'more'),
          'assign in_ready = !more;',
          shown,
          ...clocked(house, ['{out_valid, more} <= 2\'b00;', `{r0, r1} <= ${decimal(2 * width, 0)};`], [
            ['out_ready || !out_valid', ['out_valid <= more || in_valid;', 'more <= 1\'b0;', `r0 <= more ? r1 : ${data};`]],
            ['in_valid && !more', ['more <= 1\'b1;', `r1 <= ${data};`]],
          ]),
        ],
      }
    },
    ({ width, kind }, house) => {
      const { data, output: q } = house.names
      if (kind !== 'skid') {
        return {
          outputs: [output('in_ready'), output('out_valid'), output(q, width)],
          body: [
            variable(house, 'r0', width),
            variable(house, 'held'),
            net(house, 'take', 1, `in_valid & ${kind === 'pipe' ? '~(held & ~out_ready)' : '~held'}`),
            ...clocked(house, ['held <= 1\'b0;'], [], ['held <= take | (held & ~out_ready);']),
            ...clocked(house, [`r0 <= ${decimal(width, 0)};`], [], [`r0 <= take ? ${data} : r0;`]),
            `assign in_ready = ${kind === 'pipe' ? '~held | out_ready' : '~held'};`,
            'assign out_valid = held;',
            `assign ${q} = r0 & {${width}{held}};`,
          ],
        }
      }
      return {
        outputs: [output('in_ready'), output('out_valid'), output(q, width)],
        body: [
          variable(house, 'r0, r1', width),
          variable(house, 'n', 2),
          `assign in_ready = ~n[1];`,
          'assign out_valid = |n;',
          `assign ${q} = {${width}{out_valid}} & r0;`,
          ...clocked(house, ['n <= 2\'d0;', `{r0, r1} <= ${decimal(2 * width, 0)};`], [], caseOf(house, '{in_valid & in_ready, out_valid & out_ready}', [
            ['2\'b10', ['n <= n + 1\'b1;', ...choose(house, [['n[0]', [`r1 <= ${data};`]]], [`r0 <= ${data};`])]],
            ['2\'b01', ['n <= n - 1\'b1;', 'r0 <= r1;']],
            ['2\'b11', [`r0 <= ${data};`]],
            ['default', ['n <= n;']],
          ])),
        ],
      }
    },
  ],
})
