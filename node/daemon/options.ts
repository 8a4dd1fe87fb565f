import type { NodeConfig } from '../../src/config/index.js'
import type { Logger } from '../../src/telemetry/index.js'

export interface NodeOptions {
  readonly settings: NodeConfig
  /** The socket of a checker that several nodes share; without it the node has one of its own. */
  readonly checkerSocket?: string
  /** Take part in so many rounds of the network, then only serve; default: for ever. */
  readonly rounds?: number
  /** Whether the personal model is made by itself, at the end of each campaign and, as the settings say, after each round; otherwise on request. Default true. */
  readonly personalise?: boolean
  /** Whether the round's deltas are weighed once more by the own validation designs. Default true. */
  readonly ownAggregate?: boolean
  readonly log: Logger
}
