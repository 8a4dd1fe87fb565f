/** What rounds ask of the rest of the house, so that the same protocol runs on real models and on toys, on the wall clock and in virtual time. */

export interface TrainRequest {
  readonly round: number
  /** Rounds since the campaign began; at 0 the optimiser starts afresh. */
  readonly campaignRound: number
  /** The attested shared adapter; not to be changed. */
  readonly adapter: Float32Array
  readonly steps: number
  /** Aborted when the peer stops. */
  readonly signal: AbortSignal
}

export interface Trained {
  readonly adapter: Float32Array
  readonly tokens: number
  /** Mean loss of the first and of the last inner step, nats a token. */
  readonly lossFirst: number
  readonly lossLast: number
}

/** Trains on the peer's own designs. */
export interface Learner {
  train(request: TrainRequest): Promise<Trained>
}

/** Scores any adapter on public probes. */
export interface Auditor {
  /**
   * @param probeSeed - 32 bytes that draw the probes; the same draw the same
   * @returns one score a probe, 0..65536
   */
  score(adapter: Float32Array, probeSeed: Uint8Array, count: number, signal: AbortSignal): Promise<{ readonly scores: Int32Array }>
}

/** What the peer's user thinks of adapters, for the personal model only. */
export interface OwnMetric {
  /**
   * Scores the adapters of a round together, so that whatever measures them measures all of them or none.
   *
   * @returns 0..1 for each, in their order
   */
  score(adapters: readonly Float32Array[], signal: AbortSignal): Promise<readonly number[]>
}

/** The part of store/ that rounds use. */
export interface RoundStore {
  writeState(name: string, version: number, value: unknown): Promise<void>
  readState(name: string, options: { readonly version: number }): Promise<unknown>
  putBlob(bytes: Uint8Array): Promise<string>
  getBlob(id: string): Promise<Uint8Array | undefined>
  deleteBlob(id: string): Promise<void>
}
