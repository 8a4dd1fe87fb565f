import { mkdtemp, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { gzipSync } from 'node:zlib'

import test from 'ava'
import fc from 'fast-check'

import { AuditError, forks, loadProbePool, parseProbes, preference, SCORE_ONE, scoreInteger } from '../../src/audit/index.js'

const line = { domain: 'verilog', family: 'adder', specification: 'add', reference: 'module a; endmodule\n', nearMisses: ['module b; endmodule\n'] }

test('a pool is read from compressed lines, and a probe is known by its text', async (t) => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'probes-'))
  const file = path.join(folder, 'probes.jsonl.gz')
  await writeFile(file, gzipSync(`${JSON.stringify(line)}\n${JSON.stringify({ ...line, family: 'other' })}\n`))
  const { probes } = await loadProbePool(file)
  t.is(probes.length, 2)
  t.not(probes[0]!.id, probes[1]!.id)
})

test('a pool that is missing, no gzip file, empty or wrong in a line is refused with a code', async (t) => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'probes-'))
  const file = path.join(folder, 'probes.jsonl.gz')
  await t.throwsAsync(loadProbePool(file), { instanceOf: AuditError, code: 'AUDIT_POOL_UNREADABLE' })
  await writeFile(file, 'no gzip')
  await t.throwsAsync(loadProbePool(file), { instanceOf: AuditError, code: 'AUDIT_POOL_INVALID' })
  await writeFile(file, gzipSync(''))
  await t.throwsAsync(loadProbePool(file), { instanceOf: AuditError, code: 'AUDIT_POOL_EMPTY' })
  const error = t.throws(() => parseProbes(`${JSON.stringify(line)}\n{"domain":"cpp"}`, 'pool'), { instanceOf: AuditError, code: 'AUDIT_POOL_INVALID' })
  t.regex(error.message, /line 2/)
})

test('any text is read or refused with a code', (t) => {
  fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
    try {
      t.true(parseProbes(text, 'pool').length > 0)
    } catch (error) {
      t.true(error instanceof AuditError)
    }
  }))
})

const tokens = fc.array(fc.nat(3), { minLength: 1, maxLength: 8 }).map((ids) => Int32Array.from([...ids, 9]))

test('a fork is where a near miss first goes another way', (t) => {
  fc.assert(fc.property(tokens, tokens, (right, wrong) => {
    const prompt = Int32Array.of(7)
    const [fork] = forks({ prompt, completion: right }, [{ prompt, completion: wrong }])
    if (right.join() === wrong.join()) {
      t.is(fork, undefined)
      return
    }
    t.deepEqual([...right.subarray(0, fork!.at)], [...wrong.subarray(0, fork!.at)])
    t.not(right[fork!.at], fork!.wrong)
    t.is(wrong[fork!.at], fork!.wrong)
  }))
})

test('a preference is one half where both are equally likely, and scores stay integers in range', (t) => {
  t.is(preference(-3, -3), 0.5)
  fc.assert(fc.property(fc.double({ min: -100, max: 0, noNaN: true }), fc.double({ min: -100, max: 0, noNaN: true }), (right, wrong) => {
    const score = scoreInteger(preference(right, wrong))
    t.true(Number.isSafeInteger(score) && score >= 0 && score <= SCORE_ONE)
    t.is(right > wrong ? score >= SCORE_ONE / 2 : score <= SCORE_ONE / 2, true)
  }))
})
