import { existsSync } from 'node:fs'
import { join } from 'node:path'

import test from 'ava'

import { judge } from '../../node/evaluation/judge.js'
import { readSuite } from '../../node/evaluation/suites/read-suite.js'
import { referenceWriter } from '../../node/evaluation/writer.js'
import { nearMisses, openChecker, provenDifferent } from '../../src/quality/index.js'
import { createRandom } from '../../src/telemetry/index.js'
import { skipped, withoutSandbox } from '../quality/testbench-designs.js'

/** Samples of the public suites, which are not part of this repository. */
const PUBLIC = process.env['MESHWRIGHT_BENCH'] ?? '/work/shared/bench'

/** References that fail their own testbench in Icarus Verilog: a race between testbench and design in the first; in the second, three results are not what is expected, and why is not known. */
const BROKEN = ['clkgenerator', 'radix2_div']

test('references of the public suites pass their testbenches, and near misses of them fail', async (t) => {
  const missing = existsSync(join(PUBLIC, 'rtllm')) ? await withoutSandbox() : `${PUBLIC} is not there`
  if (skipped(t, missing)) return
  t.timeout(170_000)
  const checker = openChecker({ workers: 2, timeoutMs: 20_000 })
  t.teardown(() => checker.close())
  const { signal } = new AbortController()
  const problems = (await Promise.all(['rtllm', 'verilog-eval-sample'].map((name) => readSuite(join(PUBLIC, name))))).flatMap((suite) => suite.problems)
  const judged = await Promise.all(problems.map(async (problem, at) => {
    const reference = await referenceWriter('', { problem, index: 0, seed: 0, signal })
    const right = await judge(checker, problem, reference, signal)
    if (right.outcome !== 'pass' || at % 2 === 1) return { problem, right, wrong: undefined }
    // Every second one, for time: the first difference that is proved.
    for (const { design } of nearMisses('verilog', reference, createRandom(at)).slice(0, 4)) {
      const proof = await provenDifferent(checker, 'verilog', reference, design)
      if (proof) return { problem, right, wrong: await judge(checker, problem, design, signal) }
    }
    return { problem, right, wrong: undefined }
  }))
  const passed = judged.filter(({ right }) => right.outcome === 'pass')
  t.log(`${passed.length} of ${judged.length} references pass; ${judged.filter(({ right }) => right.outcome !== 'pass').map(({ problem, right }) => `${problem.id} ${right.outcome}: ${right.reason}`).join('; ')}`)
  t.true(judged.every(({ problem, right }) => right.outcome !== 'fail' || BROKEN.includes(problem.id)))
  t.true(passed.length >= judged.length - 4)
  t.true(judged.every(({ right }) => right.tool === 'iverilog'))
  const wrong = judged.flatMap((one) => one.wrong === undefined ? [] : [{ problem: one.problem, wrong: one.wrong }])
  t.log(`${wrong.filter((one) => one.wrong.outcome === 'fail').length} of ${wrong.length} near misses fail; ${wrong.filter((one) => one.wrong.outcome !== 'fail').map(({ problem, wrong: { outcome, reason } }) => `${problem.id} ${outcome}: ${reason}`).join('; ')}`)
  // Testbenches of VerilogEval compare with the reference; those of RTLLM try some inputs, and need not see every difference.
  for (const [suite, share] of [['verilog-eval-sample', 1], ['rtllm', 0.6]] as const) {
    const own = wrong.filter(({ problem }) => problem.suite === suite)
    t.true(own.length > 0 && own.filter((one) => one.wrong.outcome === 'fail').length >= share * own.length, suite)
  }
})
