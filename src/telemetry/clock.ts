/** Time, injected: the wall clock in a node, virtual time in tests and in the simulator. Milliseconds. */
export interface Clock {
  /** Milliseconds since an arbitrary but fixed instant; never goes back. */
  now(): number
  /** Calls `run` once after `milliseconds`. The returned function cancels it and may be called at any time. */
  after(milliseconds: number, run: () => void): () => void
}
