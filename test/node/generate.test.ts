/** `meshwright generate` without a node, with the base that ships. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import test from 'ava'

import type { GenerateAnswer } from '../../node/serving/request.js'
import { skipped, withoutSandbox } from '../quality/testbench-designs.js'
import { SUM, SUM_TESTBENCH } from './api/serving.js'
import { folderFor, meshwright } from './house.js'

test('a testbench decides about what is written, or the command says why none can', async (t) => {
  const folder = folderFor(t)
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text)
    return join(folder, name)
  }
  const generate = (testbench: string, ...more: readonly string[]): ReturnType<typeof meshwright> => meshwright(['generate', '--data', join(folder, 'data'), '--spec', SUM, '--testbench', testbench, ...more])

  const nowhere = await generate(join(folder, 'nowhere.v'))
  t.is(nowhere.code, 2)
  t.regex(nowhere.stderr, /^error USAGE_INVALID: the testbench .*nowhere\.v cannot be read \(ENOENT\)/)
  const wrong = await generate(file('wrong.v', 'no module at all'))
  t.is(wrong.code, 2)
  t.regex(wrong.stderr, /^error INFERENCE_TESTBENCH_INVALID: no design can be tested: there is no module in the testbench/m)
  t.is(wrong.stdout, '')
  const empty = await generate(file('empty.v', ''))
  t.is(empty.code, 2)
  t.regex(empty.stderr, /^error USAGE_INVALID: testbench: /)

  const missing = await withoutSandbox()
  if (missing !== undefined) {
    const refused = await generate(file('tb.v', SUM_TESTBENCH))
    t.is(refused.code, 1)
    t.regex(refused.stderr, /^error INFERENCE_TESTBENCH_NOT_RUN: /m)
  }
  if (skipped(t, missing)) return
  const right = await generate(file('tb.v', SUM_TESTBENCH), '--json')
  t.is(right.code, 0, right.stderr)
  t.like((JSON.parse(right.stdout) as GenerateAnswer).verdict, { outcome: 'pass', tool: 'iverilog' })
  const failing = await generate(file('failing.v', SUM_TESTBENCH.replace('(x + y)', '(x - y)')), '--n', '1')
  t.is(failing.code, 3)
  t.true(failing.stdout.startsWith('module add14_top'))
  t.regex(failing.stderr, /fail: the testbench stopped: .* \(1 checked by iverilog in [\d.]+ s\)/)
})
