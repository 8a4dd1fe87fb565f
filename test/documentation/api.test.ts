import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import test from 'ava'

import { findPackageRoot } from '../../src/config/index.js'
import { openChecker } from '../../src/quality/index.js'
import { skipped, withoutSandbox } from '../quality/testbench-designs.js'

test('the guide\'s testbench passes the right design, and no other', async (t) => {
  if (skipped(t, await withoutSandbox())) return
  const guide = readFileSync(join(findPackageRoot(), 'docs', 'guides', 'api.md'), 'utf8')
  const testbench = /```verilog testbench\n([\s\S]*?)```/.exec(guide)![1]!
  const checker = openChecker({ workers: 1 })
  t.teardown(() => checker.close())
  const design = (expression: string): string => `module inv8(input [7:0] a, output [7:0] y);\n  assign y = ${expression};\nendmodule\n`
  t.like(await checker.testbench({ candidate: design('~a'), testbench }), { outcome: 'pass', tool: 'iverilog', reason: 'the testbench said: "MESHWRIGHT PASS"' })
  t.is((await checker.testbench({ candidate: design('-a'), testbench })).outcome, 'fail')
})
