import test from 'ava'

import { combinationalFamilies } from '../../scripts/corpus/families/combinational/index.js'
import type { Family, Point } from '../../scripts/corpus/family.js'
import { PLAIN_HOUSE } from '../../scripts/corpus/house.js'
import { Random } from '../../scripts/corpus/random.js'
import { openChecker } from '../../src/quality/index.js'
import { intents } from './combinational-intent.js'

/** A truth table of so many input bits is still a small design. */
const INPUT_BITS = 9
const POINTS = 3

const families = combinationalFamilies.filter((family) => family.kind === 'combinational')
const checker = openChecker({ workers: 2, timeoutMs: 60_000 })
test.after.always(() => checker.close())

interface Port { readonly direction: string, readonly name: string, readonly width: number }

const portsOf = (design: string): Port[] =>
  [...design.matchAll(/^\s*(input|output)(?: reg)?(?: \[(\d+):0\])? (\w+),?$/gm)].map(([, direction, high, name]) => ({ direction: direction!, name: name!, width: Number(high ?? 0) + 1 }))

const inputBits = (family: Family, point: Point): number =>
  portsOf(family.write(point, PLAIN_HOUSE, 0)).filter(({ direction }) => direction === 'input').reduce((sum, { width }) => sum + width, 0)

/** The design that a specification means, as a table of all its inputs. */
function truthTable(family: Family, point: Point): string {
  const design = family.write(point, PLAIN_HOUSE, 0)
  const ports = portsOf(design)
  const inputs = ports.filter(({ direction }) => direction === 'input')
  const outputs = ports.filter(({ direction }) => direction === 'output')
  const bits = inputBits(family, point)
  const rows = Array.from({ length: 2 ** bits }, (_, row) => {
    let rest = row
    const words = Object.fromEntries([...inputs].reverse().map(({ name, width }) => {
      const word = rest % 2 ** width
      rest = Math.floor(rest / 2 ** width)
      return [name, word]
    }))
    const results = intents[family.name]!(point, words)
    const values = outputs.map(({ name, width }) => `${width}'d${((results[name]! % 2 ** width) + 2 ** width) % 2 ** width}`)
    return `    ${bits}'d${row}: {${outputs.map(({ name }) => name).join(', ')}} = {${values.join(', ')}};`
  })
  const header = ports.map(({ direction, name, width }) => `  ${direction === 'input' ? 'input' : 'output reg'} [${width - 1}:0] ${name}`).join(',\n')
  return `${/^module \w+/.exec(design)![0]} (\n${header}\n);\n  always @(*) case ({${inputs.map(({ name }) => name).join(', ')}})\n${rows.join('\n')}\n  endcase\nendmodule\n`
}

test('what each combinational family means is written down', (t) => {
  t.deepEqual(families.map(({ name }) => name).sort(), Object.keys(intents).sort())
})

for (const family of families) {
  test(`${family.name}: the designs do what the specification says`, async (t) => {
    const small = [...family.trainingPoints, ...family.evaluationPoints].filter((point) => inputBits(family, point) <= INPUT_BITS)
    const chosen = new Random(`intent ${family.name}`).shuffled(small).slice(0, POINTS)
    t.true(chosen.length > 0)
    await Promise.all(chosen.map(async (point, at) => {
      const { outcome, reason } = await checker.equivalence('verilog', truthTable(family, point), family.write(point, PLAIN_HOUSE, at % family.codings))
      t.is(outcome, 'pass', `${JSON.stringify(point)}: ${reason}`)
    }))
  })
}
