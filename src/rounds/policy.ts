import type { Policy } from '../config/index.js'
import type { WeighOptions } from '../aggregation/index.js'
import type { RosterEntry } from '../hierarchy/index.js'

/** What rounds need of a network's policy. */
export type RoundPolicy = Pick<Policy, 'version' | 'rollback' | 'clusterSize' | 'clusterMinimum' | 'clusterMaximum' | 'roundSteps' | 'campaignRounds' | 'deadlines' | 'upperEvery' | 'audit' | 'strict' | 'heartbeatMs' | 'admissionDelayMs' | 'membership'> & {
  readonly learning: Pick<Policy['learning'], 'outerRate' | 'outerMomentum'>
  /** Who starts the network, and on what kind of hardware each trains. */
  readonly foundingRoster: readonly RosterEntry[]
  /** Gate and caps of the weights; the defaults of aggregation/ where absent. */
  readonly weighing?: WeighOptions
}
