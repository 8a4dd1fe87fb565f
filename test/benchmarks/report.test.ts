import { readFile } from 'node:fs/promises'
import path from 'node:path'

import test from 'ava'

import { benchmarkReport, withKeptParts } from '../../scripts/bench/report.js'
import type { BenchmarkReport } from '../../scripts/bench/report.js'
import { findPackageRoot } from '../../src/config/index.js'

test('parts that are measured anew stand beside the kept ones, and say of which commit each is', async (t) => {
  const kept = JSON.parse(await readFile(path.join(findPackageRoot(), 'docs', 'benchmarks', 'trueput.json'), 'utf8')) as BenchmarkReport
  const [figure, value] = Object.entries(kept.results)[0]!
  const fresh = benchmarkReport('trueput', { [figure]: value + 1, fresh: 2 }, { worst: 'new' })
  const merged = await withKeptParts(fresh, ['worst'])
  t.deepEqual(merged.results, { ...kept.results, [figure]: value + 1, fresh: 2 })
  t.deepEqual([merged.commit, merged.machine], [kept.commit, kept.machine])
  const before = kept.details as { readonly anew?: object }
  t.deepEqual(merged.details, { ...before, worst: 'new', anew: { ...before.anew, worst: { machine: fresh.machine, commit: fresh.commit } } })
})

test('where no report is kept, the new one is all there is', async (t) => {
  const report = benchmarkReport('nothing-of-this-name', { a: 1 })
  t.is(await withKeptParts(report, ['a']), report)
})
