import path from 'node:path'

import test from 'ava'

import { createRoundAuditor } from '../../node/daemon/round-auditor.js'
import type { Write } from '../../node/daemon/round-auditor.js'
import { initialAdapter } from '../../src/adapter/index.js'
import { createAuditor, drawProbes, loadProbePool, SCORE_ONE } from '../../src/audit/index.js'
import { findPackageRoot } from '../../src/config/index.js'
import type { Policy } from '../../src/config/index.js'
import { adapterLayout, loadCheckpoint, openModelWorker } from '../../src/model/index.js'
import { openChecker } from '../../src/quality/index.js'

const embedded = path.join(findPackageRoot(), 'models', 'embedded')
const checkpoint = await loadCheckpoint(embedded)
const layout = adapterLayout(checkpoint.config, { rank: 4, alpha: 8, targets: ['q_proj', 'v_proj'] })
const worker = await openModelWorker(checkpoint, layout, { threads: 1 })
const auditor = createAuditor({ worker, tokenizer: checkpoint.tokenizer, rows: 2, rowLength: 512 })
const pool = await loadProbePool(path.join(embedded, 'probes.jsonl.gz'))
const checker = openChecker({ workers: 1 })
const adapter = initialAdapter(layout, 1)
const seed = new Uint8Array(32).fill(7)
const PROBES = 4
const drawn = drawProbes(pool, seed, PROBES)
const { signal } = new AbortController()
test.after(async () => {
  await worker.close()
  await checker.close()
})

function roundAuditor(metrics: Policy['metrics'], write: Write) {
  return createRoundAuditor({ auditor, pool, metrics, checker: () => checker, write })
}

const noWriting: Write = () => Promise.reject(new Error('nothing should be written'))

test('a policy without equivalence weighs contrast and relevance, and writes nothing', async (t) => {
  const { contrast, relevance } = await auditor.score(adapter, drawn)
  const { scores } = await roundAuditor([{ name: 'contrast', weight: 1 }, { name: 'relevance', weight: 3 }], noWriting).score(adapter, seed, PROBES, signal)
  t.deepEqual([...scores], drawn.map((_, at) => Math.round((contrast[at]! + 3 * relevance[at]!) / 4)))
})

test('a metric of weight 0 is not computed', async (t) => {
  const plain = await roundAuditor([{ name: 'contrast', weight: 1 }], noWriting).score(adapter, seed, PROBES, signal)
  const withNothing = await roundAuditor([{ name: 'contrast', weight: 1 }, { name: 'equivalence', weight: 0 }], noWriting).score(adapter, seed, PROBES, signal)
  t.deepEqual(withNothing, plain)
})

test('equivalence asks for a few designs and lets the checker decide; probes without one are neutral', async (t) => {
  const asked: string[] = []
  const rightThenWrong: Write = (_, specifications) => {
    asked.push(...specifications)
    return Promise.resolve([drawn[0]!.reference, drawn[1]!.nearMisses[0]!])
  }
  const { scores } = await roundAuditor([{ name: 'equivalence', weight: 1 }], rightThenWrong).score(adapter, seed, PROBES, signal)
  t.deepEqual(asked, drawn.slice(0, 2).map(({ specification }) => specification))
  t.deepEqual([...scores], [SCORE_ONE, 0, SCORE_ONE / 2, SCORE_ONE / 2])
})

test('equivalence beside contrast counts where there is a design, and contrast alone elsewhere', async (t) => {
  const { contrast } = await auditor.score(adapter, drawn)
  const nonsense: Write = (_, specifications) => Promise.resolve(specifications.map(() => 'module'))
  const { scores } = await roundAuditor([{ name: 'contrast', weight: 1 }, { name: 'equivalence', weight: 1 }], nonsense).score(adapter, seed, PROBES, signal)
  t.deepEqual([...scores], [contrast[0]! / 2, contrast[1]! / 2, contrast[2]!, contrast[3]!].map(Math.round))
})

test('a writer that fails fails the audit: no score is better than a wrong one', async (t) => {
  const broken: Write = () => Promise.reject(new Error('out of memory'))
  await t.throwsAsync(roundAuditor([{ name: 'equivalence', weight: 1 }], broken).score(adapter, seed, PROBES, signal), { message: 'out of memory' })
})

test('a metric that this node does not know is refused with what to do', (t) => {
  const error = t.throws(() => roundAuditor([{ name: 'beauty', weight: 1 }], noWriting), { code: 'POLICY_METRIC_UNKNOWN' })
  t.regex(error.message, /update the node/)
})
