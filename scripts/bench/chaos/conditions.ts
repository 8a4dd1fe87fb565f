/** How bytes fare on their way from one peer to another. */
export interface Conditions {
  /** Connections are reset, and new ones refused. */
  readonly isCut: boolean
  /** Nothing arrives, and nobody is told: bytes wait until it is over. */
  readonly isSilent: boolean
  /** Each way. */
  readonly latencyMs: number
  /** Infinity where nothing holds them up. */
  readonly bytesPerSecond: number
  /** Share of the pieces, as the socket gives them, in which one byte is changed. */
  readonly corruptShare: number
}

export const CLEAR: Conditions = { isCut: false, isSilent: false, latencyMs: 0, bytesPerSecond: Infinity, corruptShare: 0 }

/** What one fault does to the links of some peers. */
export type Disturbance
  /** Between the peers and all others. */
  = | { readonly kind: 'partition', readonly peers: ReadonlySet<number>, readonly isSilent: boolean }
  /** On all links of the peers. */
    | { readonly kind: 'slow', readonly peers: ReadonlySet<number>, readonly latencyMs: number, readonly bytesPerSecond: number }
    | { readonly kind: 'corrupt', readonly peers: ReadonlySet<number>, readonly share: number }

/** What all disturbances together make of the link between two peers. */
export function conditionsBetween(one: number, other: number, disturbances: Iterable<Disturbance>): Conditions {
  let conditions = CLEAR
  for (const disturbance of disturbances) {
    const { peers } = disturbance
    const { latencyMs, bytesPerSecond, corruptShare } = conditions
    if (disturbance.kind === 'partition') {
      if (peers.has(one) === peers.has(other)) continue
      conditions = disturbance.isSilent ? { ...conditions, isSilent: true } : { ...conditions, isCut: true }
    } else if (!peers.has(one) && !peers.has(other)) {
      continue
    } else if (disturbance.kind === 'slow') {
      conditions = { ...conditions, latencyMs: latencyMs + disturbance.latencyMs, bytesPerSecond: Math.min(bytesPerSecond, disturbance.bytesPerSecond) }
    } else {
      conditions = { ...conditions, corruptShare: Math.max(corruptShare, disturbance.share) }
    }
  }
  return conditions
}
