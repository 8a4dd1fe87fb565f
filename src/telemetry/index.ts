/**
 * What a node tells about itself, and the time that it goes by: log, metrics, typed events, clocks.
 *
 * Every other room takes these as arguments and never reaches for the console or the wall clock.
 */
export type { Clock } from './clock.js'
export { systemClock } from './system-clock.js'
export { createVirtualClock } from './virtual-clock.js'
export type { VirtualClock, VirtualClockOptions } from './virtual-clock.js'
export { createRandom, shuffled } from './random.js'
export type { Random } from './random.js'
export { createLogger, LOG_LEVELS, silentLogger } from './logger.js'
export type { LogFields, Logger, LoggerOptions, LogLevel } from './logger.js'
export { MemoryAtRest } from './memory-at-rest.js'
export type { MemoryAtRestOptions } from './memory-at-rest.js'
export { createMetrics } from './metrics.js'
export type { CounterMetric, GaugeMetric, HistogramMetric, Labels, MetricOptions, Metrics } from './metrics.js'
export { TypedEvents } from './typed-events.js'
