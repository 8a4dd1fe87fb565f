/**
 * How good a design is: syntax, size, speed, and whether it does the same as a reference.
 *
 * Verilog goes through Yosys, OpenQASM through our own reader and simulator with qsharp-lang behind it, and testbenches through Icarus Verilog
 * in a sandbox. Everything runs in worker threads or sandboxes under time and memory limits, because designs come from models and strangers.
 * Verdicts are pass, fail or unknown; fail is only said where it is certain.
 */
export type {
  Bench, Checker, CheckerStatistics, CheckOptions, CircuitVerdict, DesignWarning, Domain, EquivalenceOptions, Outcome, SynthesisVerdict, SyntaxVerdict, TestbenchQuestion,
  TestbenchVerdict, Verdict, WarningKind,
} from './types.js'
export { openChecker } from './checker/checker.js'
export type { CheckerOptions } from './checker/checker.js'
export { hopeless } from './prefix.js'
export { QualityError } from './errors.js'
export type { QualityErrorCode } from './errors.js'
export { nearMisses, provenDifferent, provenNearMisses } from './near-misses/index.js'
export type { NearMiss, ProvenOptions } from './near-misses/index.js'
export { serveChecker } from './checker/server.js'
export type { CheckerServer } from './checker/server.js'
export { checkerAddress, connectChecker } from './checker/client.js'
export type { ConnectOptions } from './checker/client.js'
export { BUILT_IN_METRICS, builtInMetric, scoreDesign } from './metrics/built-in.js'
export type { BuiltInMetric, MetricInput, MetricScore, WeightedMetric } from './metrics/built-in.js'
export { asDesign, structureOf, targetOf } from './testbench/structure.js'
export { userMetric } from './metrics/user-metric.js'
export type { UserMetric, UserMetricFailure, UserMetricInput, UserMetricOptions, UserScore } from './metrics/user-metric.js'
