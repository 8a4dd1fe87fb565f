import test from 'ava'
import fc from 'fast-check'

import { drawProbes } from '../../src/audit/index.js'
import type { Probe, ProbePool } from '../../src/audit/index.js'

const pool: ProbePool = {
  contentId: '',
  probes: Array.from({ length: 60 }, (_, at): Probe => ({
    id: `probe ${at}`, domain: at % 3 === 0 ? 'qasm' : 'verilog', family: `family ${at % 6}`, specification: 's', reference: 'r', nearMisses: ['n'],
  })),
}
const seed = fc.uint8Array({ minLength: 32, maxLength: 32 })

test('the same seed draws the same probes whatever the order of the pool', (t) => {
  fc.assert(fc.property(seed, fc.integer({ min: 1, max: 70 }), (bytes, count) => {
    const shuffled = { ...pool, probes: [...pool.probes].reverse() }
    t.deepEqual(drawProbes(shuffled, bytes, count), drawProbes(pool, bytes, count))
  }))
})

test('a draw has no probe twice, and families are as even as can be', (t) => {
  fc.assert(fc.property(seed, fc.integer({ min: 1, max: 60 }), (bytes, count) => {
    const drawn = drawProbes(pool, bytes, count)
    t.is(new Set(drawn.map(({ id }) => id)).size, count)
    const perFamily = [...new Set(drawn.map(({ family }) => family))].map((family) => drawn.filter((probe) => probe.family === family).length)
    t.true(Math.max(...perFamily) - (perFamily.length < 6 ? 0 : Math.min(...perFamily)) <= 1)
  }))
})

test('another seed draws others', (t) => {
  const ids = (byte: number): string[] => drawProbes(pool, new Uint8Array(32).fill(byte), 12).map(({ id }) => id)
  t.notDeepEqual(ids(1), ids(2))
})

test('a domain is kept to, and a pool that is smaller than the draw gives all it has', (t) => {
  const drawn = drawProbes(pool, new Uint8Array(32), 1000, 'qasm')
  t.is(drawn.length, 20)
  t.true(drawn.every(({ domain }) => domain === 'qasm'))
})
