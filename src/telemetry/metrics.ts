import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'

export interface MetricOptions {
  /** Snake case; `meshwright_` is put before it. Counters end in `_total`, times in `_seconds`. */
  readonly name: string
  readonly help: string
  readonly labels?: readonly string[]
}

export type Labels = Readonly<Record<string, string | number>>

export interface CounterMetric { add(value?: number, labels?: Labels): void }
export interface GaugeMetric { set(value: number, labels?: Labels): void }
export interface HistogramMetric { observe(value: number, labels?: Labels): void }

/** A registry of metrics in Prometheus's text format. Asking twice for one name gives the same metric. */
export interface Metrics {
  counter(options: MetricOptions): CounterMetric
  gauge(options: MetricOptions & {
    /** Called at each scrape, for values that are cheap to read. */
    readonly read?: () => number
  }): GaugeMetric
  histogram(options: MetricOptions & { readonly buckets: readonly number[] }): HistogramMetric
  /** The text that a Prometheus server scrapes. */
  text(): Promise<string>
  readonly contentType: string
}

const PREFIX = 'meshwright_'

/** @param processMetrics - whether memory, CPU time and event loop delay of the process are measured too; default false */
export function createMetrics({ processMetrics = false }: { readonly processMetrics?: boolean } = {}): Metrics {
  const registry = new Registry()
  const made = new Map<string, CounterMetric | GaugeMetric | HistogramMetric>()
  if (processMetrics) collectDefaultMetrics({ register: registry })

  const base = ({ name, help, labels = [] }: MetricOptions): { name: string, help: string, labelNames: string[], registers: Registry[] } =>
    ({ name: PREFIX + name, help, labelNames: [...labels], registers: [registry] })

  function once<Metric extends CounterMetric | GaugeMetric | HistogramMetric>(name: string, kind: (metric: object) => metric is Metric, make: () => Metric): Metric {
    const found = made.get(name)
    if (found !== undefined) {
      if (kind(found)) return found
      throw new TypeError(`the metric ${name} is already in use as another kind: give this one its own name`)
    }
    const metric = make()
    made.set(name, metric)
    return metric
  }

  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),

    counter: (options) => once(options.name, (metric): metric is CounterMetric => 'add' in metric, () => {
      const counter = new Counter(base(options))
      return { add: (value = 1, labels = {}) => counter.inc(labels, value) }
    }),

    gauge: ({ read, ...options }) => once(options.name, (metric): metric is GaugeMetric => 'set' in metric, () => {
      const gauge: Gauge = new Gauge({ ...base(options), ...read === undefined ? {} : { collect: () => gauge.set(read()) } })
      return { set: (value, labels = {}) => gauge.set(labels, value) }
    }),

    histogram: ({ buckets, ...options }) => once(options.name, (metric): metric is HistogramMetric => 'observe' in metric, () => {
      const histogram = new Histogram({ ...base(options), buckets: [...buckets] })
      return { observe: (value, labels = {}) => histogram.observe(labels, value) }
    }),
  }
}
