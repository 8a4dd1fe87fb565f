/**
 * The score of an adapter on public probes, with forward passes only: how surely it prefers right designs to near misses, and how much it heeds the specification.
 *
 * A pool of probes is shared by a network; each round draws some of them by lot, and any peer can score any adapter on them.
 */
export { createAuditor } from './auditor.js'
export type { Auditor, AuditorOptions, ProbeScores } from './auditor.js'
export { forks, preference, relevanceOf, SCORE_ONE, scoreInteger } from './contrast.js'
export type { Fork } from './contrast.js'
export { drawProbes } from './draw.js'
export { AuditError } from './errors.js'
export type { AuditErrorCode } from './errors.js'
export { loadProbePool, parseProbes } from './probe.js'
export type { Probe, ProbePool } from './probe.js'
