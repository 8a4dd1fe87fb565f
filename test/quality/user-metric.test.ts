import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import test from 'ava'

import { openChecker, QualityError, userMetric } from '../../src/quality/index.js'
import type { UserMetricInput } from '../../src/quality/index.js'

const INPUT: UserMetricInput = { domain: 'verilog', specification: 'an inverter', design: 'module m(input a, output y); assign y = ~a; endmodule\n' }

async function moduleOf(text: string): Promise<string> {
  const path = join(await mkdtemp(join(tmpdir(), 'quality-')), 'metric.mjs')
  await writeFile(path, text)
  return path
}

test('a metric gives numbers, or values with reasons, now or later', async (t) => {
  for (const [body, value, reason] of [
    ['return 0.5', 0.5, ''],
    ['return { value: design.length > 10 ? 1 : 0, reason: specification }', 1, 'an inverter'],
    ['return new Promise((resolve) => setTimeout(resolve, 10, { value: 0.25 }))', 0.25, ''],
  ] as const) {
    const metric = await userMetric(await moduleOf(`export const score = ({ domain, specification, design, tools }) => { ${body} }`))
    t.deepEqual(await metric.score(INPUT), { outcome: 'scored', value, reason })
    await metric.close()
  }
})

test('a metric uses the node\'s checks', async (t) => {
  const checker = openChecker({ workers: 1 })
  const path = await moduleOf(`
    export async function score({ domain, design, tools }) {
      const { cells } = await tools.synthesis(design)
      const { outcome } = await tools.equivalence(domain, design, design.replace('~a', '!a'))
      return { value: outcome === 'pass' ? 1 / cells : 0, reason: cells + ' cells' }
    }`)
  const metric = await userMetric(path, undefined, { checker, timeoutMs: 60_000 })
  t.deepEqual(await metric.score(INPUT), { outcome: 'scored', value: 1, reason: '1 cells' })
  await metric.close()
  await checker.close()
})

test('one process scores many designs', async (t) => {
  const metric = await userMetric(await moduleOf('let calls = 0; export const score = () => ++calls / 100'))
  const scores = await Promise.all(Array.from({ length: 5 }, () => metric.score(INPUT)))
  t.deepEqual(scores.map((score) => score.outcome === 'scored' && score.value), [0.01, 0.02, 0.03, 0.04, 0.05])
  await metric.close()
})

for (const [what, body, outcome] of [
  ['throws', 'throw new Error("no idea")', 'METRIC_THREW'],
  ['rejects', 'return Promise.reject(new Error("no idea"))', 'METRIC_THREW'],
  ['returns NaN', 'return NaN', 'METRIC_INVALID_VALUE'],
  ['returns text', 'return "good"', 'METRIC_INVALID_VALUE'],
  ['returns nothing', '', 'METRIC_INVALID_VALUE'],
  ['returns more than 1', 'return { value: 1.5 }', 'METRIC_INVALID_VALUE'],
  ['returns less than 0', 'return -0.1', 'METRIC_INVALID_VALUE'],
  ['ends its process', 'process.exit(3)', 'METRIC_CRASHED'],
  ['speaks out of turn', 'process.send({ kind: "scored", id: "me" }); return 1', 'METRIC_CRASHED'],
  ['uses a tool that it was not given', 'return tools.syntax("verilog", "").then(() => 1)', 'METRIC_THREW'],
] as const) {
  test(`a metric that ${what} is a recorded outcome, and the next design is scored`, async (t) => {
    const metric = await userMetric(await moduleOf(`export function score({ design, tools }) { if (design === 'fine') return 1; ${body} }`))
    t.is((await metric.score(INPUT)).outcome, outcome)
    t.is(metric.failures[outcome], 1)
    t.deepEqual(await metric.score({ ...INPUT, design: 'fine' }), { outcome: 'scored', value: 1, reason: '' })
    await metric.close()
  })
}

test('a metric that hangs is stopped, and the next design is scored', async (t) => {
  const metric = await userMetric(await moduleOf('export const score = ({ design }) => { while (design !== "fine"); return 1 }'), undefined, { timeoutMs: 1500 })
  t.is((await metric.score(INPUT)).outcome, 'METRIC_TIMEOUT')
  t.is((await metric.score({ ...INPUT, design: 'fine' })).outcome, 'scored')
  await metric.close()
})

test('a metric that fills its memory is stopped', async (t) => {
  for (const fill of ['const kept = []; for (;;) kept.push(new Array(1e5).fill(kept.length))', 'const kept = []; for (;;) kept.push(Buffer.alloc(1e8, 1))']) {
    if (process.platform !== 'linux' && fill.includes('Buffer')) continue
    const metric = await userMetric(await moduleOf(`export const score = () => { ${fill} }`), undefined, { memoryMib: 64, timeoutMs: 60_000 })
    t.is((await metric.score(INPUT)).outcome, 'METRIC_OUT_OF_MEMORY')
    await metric.close()
  }
})

test('a module that cannot be loaded, or exports no score, is a recorded outcome', async (t) => {
  for (const text of ['export const score = (', 'export const points = () => 1', 'import "./elsewhere.mjs"; export const score = () => 1', 'throw new Error("not today")']) {
    const metric = await userMetric(await moduleOf(text))
    t.is((await metric.score(INPUT)).outcome, 'METRIC_LOAD_FAILED')
    await metric.close()
  }
})

test('a metric reads no files and starts no processes', async (t) => {
  const secret = await moduleOf('secret')
  for (const attempt of [
    `const { readFileSync } = await import('node:fs'); readFileSync(${JSON.stringify(secret)})`,
    'const { execSync } = await import("node:child_process"); execSync("true")',
    'const { writeFileSync } = await import("node:fs"); writeFileSync("written", "")',
    'const { Worker } = await import("node:worker_threads"); new Worker("1", { eval: true })',
  ]) {
    const metric = await userMetric(await moduleOf(`export async function score() { ${attempt}; return 1 }`))
    t.is((await metric.score(INPUT)).outcome, 'METRIC_THREW', attempt)
    await metric.close()
  }
})

test('a metric sees nothing of the node\'s environment', async (t) => {
  const metric = await userMetric(await moduleOf('export const score = () => ({ value: 1, reason: Object.keys(process.env).join() })'))
  t.deepEqual(await metric.score(INPUT), { outcome: 'scored', value: 1, reason: '' })
  await metric.close()
})

test('only the module that was agreed to runs', async (t) => {
  const path = await moduleOf('export const score = () => 0.5')
  const metric = await userMetric(path)
  const { hash } = metric
  await writeFile(path, 'export const score = () => 1')
  t.deepEqual(await metric.score(INPUT), { outcome: 'scored', value: 0.5, reason: '' })
  await t.throwsAsync(userMetric(path, hash), { instanceOf: QualityError, code: 'METRIC_HASH_MISMATCH' })
  await metric.close()
  await t.throwsAsync(metric.score(INPUT), { instanceOf: QualityError, code: 'METRIC_CLOSED' })
})

test('a path without a module is refused', async (t) => {
  await t.throwsAsync(userMetric(join(tmpdir(), 'no-such-metric.mjs')), { instanceOf: QualityError, code: 'METRIC_MODULE_UNREADABLE' })
})
