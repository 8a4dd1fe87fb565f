import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import test from 'ava'

import { findPackageRoot, parseNodeConfig } from '../../src/config/index.js'
import { openChecker, userMetric } from '../../src/quality/index.js'

const guide = readFileSync(join(findPackageRoot(), 'docs', 'guides', 'metrics.md'), 'utf8')

test('the guide\'s metric runs, and prefers the smaller of two designs', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'mw-'))
  const path = join(folder, 'metric.mjs')
  writeFileSync(path, /```js metric\n([\s\S]*?)```/.exec(guide)![1]!)
  const checker = openChecker({ workers: 1, timeoutMs: 60_000 })
  const metric = await userMetric(path, undefined, { checker, timeoutMs: 60_000 })
  t.teardown(async () => {
    await metric.close()
    await checker.close()
    rmSync(folder, { recursive: true, force: true })
  })
  const valueOf = async (expression: string): Promise<number> => {
    const scored = await metric.score({ domain: 'verilog', specification: 'anything', design: `module m(input [7:0] a, b, output [7:0] y);\n  assign y = ${expression};\nendmodule\n` })
    return scored.outcome === 'scored' ? scored.value : t.fail(scored.reason)
  }
  t.true(await valueOf('a & b') > await valueOf('a * b'))
  t.is(await valueOf('a &'), 0)
  t.deepEqual(await metric.score({ domain: 'qasm', specification: 'anything', design: 'OPENQASM 2.0;' }), { outcome: 'scored', value: 0.5, reason: '' })
})

test('the guide\'s settings are settings', (t) => {
  const settings = JSON.parse(`{${/```json\n([\s\S]*?)```/.exec(guide)![1]!.replace(/<sha256sum[^>]*>/, 'a'.repeat(64))}}`) as object
  const { metrics } = parseNodeConfig(settings, { source: 'the guide', folder: '/data' })
  t.like(metrics[0], { weight: 2, module: '/data/small-and-fast.mjs' })
})
