import test from 'ava'

import { createMetrics } from '../../src/telemetry/index.js'

test('metrics come out in the text format that Prometheus reads', async (t) => {
  const metrics = createMetrics()
  metrics.counter({ name: 'pulls_total', help: 'Pulls', labels: ['outcome'] }).add(2, { outcome: 'ok' })
  metrics.gauge({ name: 'peers', help: 'Peers', read: () => 5 })
  metrics.histogram({ name: 'round_seconds', help: 'Rounds', buckets: [1, 10] }).observe(3)
  const text = await metrics.text()
  t.regex(text, /^meshwright_pulls_total\{outcome="ok"\} 2$/m)
  t.regex(text, /^meshwright_peers 5$/m)
  t.regex(text, /^meshwright_round_seconds_bucket\{le="10"\} 1$/m)
})

test('asking twice for one name gives the same metric, and another kind of it is refused', async (t) => {
  const metrics = createMetrics()
  const options = { name: 'things_total', help: 'Things' }
  metrics.counter(options).add()
  metrics.counter(options).add()
  t.regex(await metrics.text(), /^meshwright_things_total 2$/m)
  t.throws(() => metrics.gauge(options), { message: /another kind/ })
})

test('registries do not share their metrics', async (t) => {
  createMetrics().counter({ name: 'things_total', help: 'Things' }).add()
  t.is((await createMetrics().text()).trim(), '')
})

test('the process can be measured too', async (t) => {
  t.regex(await createMetrics({ processMetrics: true }).text(), /process_resident_memory_bytes/)
})
