import type { CorpusReport } from '../../src/corpus/index.js'
import type { BootstrapState, ReachState } from '../../src/network/index.js'
import type { PeerStatus } from '../../src/rounds/index.js'

import type { ApiStanding } from '../serving/serve.js'
import type { Stage } from './events.js'
import type { PersonalNews } from './personaliser.js'
import type { MetricStatus } from './user-metrics.js'

/** Where a node stands, as `meshwright status --json` prints it. */
export interface NodeStatus {
  readonly stage: Stage
  readonly peer: string
  readonly processId: number
  readonly uptimeSeconds: number
  readonly dataFolder: string
  readonly network: { readonly name: string, readonly id: string, readonly policy: number }
  readonly domain: string
  readonly addresses: readonly string[]
  /** Whether others can connect to this node by themselves, and else through which relay. */
  readonly reachability: ReachState
  /** First peers to ask for others. Moments are milliseconds since 1970. */
  readonly bootstraps: readonly BootstrapState[]
  readonly connected: readonly { readonly peer: string, readonly address: string, readonly direction: string, readonly relayed: boolean, readonly skewMs: number, readonly roundTripMs?: number }[]
  /** Peers that were not let in, or did not let this one in. */
  readonly refused: readonly { readonly peer: string, readonly address: string, readonly reason: string }[]
  readonly designs: { readonly training: number, readonly validation: number, readonly report: CorpusReport } | null
  /** Absent before the node is in rounds. */
  readonly rounds: PeerStatus | null
  readonly training: { readonly training: number, readonly lossFirst: number, readonly lossLast: number, readonly tokens: number } | null
  readonly personal: PersonalNews | null
  /** The user's own metrics, with what they could not score since the start. */
  readonly metrics: readonly MetricStatus[]
  readonly traffic: {
    /** Since the start: all that the sockets sent. */
    readonly bytesSent: number
    /** Since the start: messages and pulled content. */
    readonly bytesReceived: number
    /** Bytes of one encoded delta, and of the same change as f32 values. */
    readonly deltaBytes: number
    readonly f32Bytes: number
  }
  readonly adapters: readonly string[]
  /** Where the OpenAI-compatible API is, or why it is not served. */
  readonly api: ApiStanding
}
