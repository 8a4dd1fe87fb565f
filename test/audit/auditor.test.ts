import path from 'node:path'

import test from 'ava'

import { initialAdapter } from '../../src/adapter/index.js'
import { AuditError, createAuditor, preference, scoreInteger } from '../../src/audit/index.js'
import type { Probe } from '../../src/audit/index.js'
import { findPackageRoot } from '../../src/config/index.js'
import { adapterLayout, loadCheckpoint, openModelWorker } from '../../src/model/index.js'
import { encodeExample, packBatch } from '../../src/training/index.js'

const checkpoint = await loadCheckpoint(path.join(findPackageRoot(), 'models', 'embedded'))
const layout = adapterLayout(checkpoint.config, { rank: 4, alpha: 8, targets: ['q_proj', 'v_proj'] })
const worker = await openModelWorker(checkpoint, layout, { threads: 1 })
const auditor = createAuditor({ worker, tokenizer: checkpoint.tokenizer, rows: 2, rowLength: 256 })
const adapter = initialAdapter(layout, 1)
test.after(() => worker.close())

const adder: Probe = {
  id: 'adder',
  domain: 'verilog',
  family: 'adder',
  specification: 'Write an 8-bit adder named add8 with inputs a and b (8 bits each) and output sum (8 bits).',
  reference: 'module add8 (\n  input [7:0] a,\n  input [7:0] b,\n  output [7:0] sum\n);\n  assign sum = a + b;\nendmodule\n',
  nearMisses: ['module add8 (\n  input [7:0] a,\n  input [7:0] b,\n  output [7:0] sum\n);\n  assign sum = a - b;\nendmodule\n'],
}

test('contrast is the preference at the fork, as scoring the near miss itself tells it', async (t) => {
  const { contrast } = await auditor.score(adapter, [adder])
  const encoded = [adder.reference, adder.nearMisses[0]!].map((design) => encodeExample(checkpoint.tokenizer, { specification: adder.specification, design }))
  const fork = encoded[0]!.completion.findIndex((token, i) => token !== encoded[1]!.completion[i])
  const at = encoded[0]!.prompt.length - 1 + fork
  const [right, wrong] = await Promise.all(encoded.map(async (example) => (await worker.score(packBatch([example], 1, 256), adapter)).logProbability[at]!))
  t.true(Math.abs(contrast[0]! - scoreInteger(preference(right!, wrong!))) <= 16)
})

test('the embedded base prefers a sum to a difference where a sum is asked for', async (t) => {
  const { contrast } = await auditor.score(adapter, [adder])
  t.true(contrast[0]! > 40_000)
})

test('scores do not depend on what else is scored, beyond rounding', async (t) => {
  const others = [adder, { ...adder, id: 'reversed', specification: 'Write a subtractor.' }, { ...adder, id: 'again' }]
  const together = await auditor.score(adapter, others)
  const alone = await auditor.score(adapter, [adder])
  t.true(Math.abs(together.contrast[0]! - alone.contrast[0]!) <= 16)
  t.true(Math.abs(together.contrast[0]! - together.contrast[2]!) <= 16)
  t.true(Math.abs(together.loss[0]! - alone.loss[0]!) < 1e-3)
})

test('a probe that fits no pass is refused with its length', async (t) => {
  const long = { ...adder, id: 'long', reference: adder.reference.repeat(20) }
  const error = await t.throwsAsync(auditor.score(adapter, [long]), { instanceOf: AuditError, code: 'AUDIT_PROBE_TOO_LONG' })
  t.regex(error.message, /a pass holds 256/)
})

test('a model that heeds specifications finds a design likelier under its own than under another', async (t) => {
  const subtractor = { ...adder, id: 'subtractor', specification: adder.specification.replace('adder named add8', 'subtractor named sub8').replace('sum (8', 'difference (8'), reference: adder.reference.replaceAll('sum', 'difference').replace('add8', 'sub8').replace('+', '-') }
  const { relevance } = await auditor.score(adapter, [adder, subtractor])
  t.true(relevance[0]! > 6500 && relevance[1]! > 6500, relevance.join())
  const alone = await auditor.score(adapter, [adder])
  t.is(alone.relevance[0], 32_768)
})
