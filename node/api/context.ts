import type { Logger } from '../../src/telemetry/index.js'

import type { Engine } from './engine.js'
import type { Places } from './places.js'
import type { ApiMetrics } from './metrics.js'

/** Bounds that settings do not have. */
export interface Limits {
  /** A reader that takes nothing for so long is given up. */
  readonly slowReaderMs: number
  /** A request must be there whole within this. */
  readonly requestMs: number
  /** Adapters that clients have loaded at a time: each takes the memory of a model. */
  readonly adapters: number
  readonly connections: number
}

export const LIMITS: Limits = { slowReaderMs: 30_000, requestMs: 30_000, adapters: 16, connections: 1024 }

/** What the routes work with. */
export interface Context {
  readonly engine: Engine
  readonly queue: Places
  readonly metrics: ApiMetrics
  readonly log: Logger
  readonly limits: Limits
  /** Aborted when the server stops. */
  readonly stopping: AbortSignal
  /** Seconds since 1970 at which the server was started. */
  readonly started: number
}
