/** What the bench tells one of its peers. */
export type Command
  /** Trainings that begin from now on do not end: the rounds go on without deltas. */
  = | 'hold'
    | 'train'
  /** Die by SIGKILL instead of sending the next proposal of a round's first term. */
    | 'fall'
  /** No longer. */
    | 'stand'

/** What a peer tells the bench. Moments are milliseconds since 1970, as the machine's clock says. */
export type News
  /** The newest record of the level that has none above. */
  = | { readonly kind: 'root', readonly at: number, readonly round: number, readonly record: string }
  /** Of its own cluster. */
    | { readonly kind: 'committed', readonly at: number, readonly round: number, readonly head: string }
    | { readonly kind: 'term', readonly at: number, readonly round: number, readonly term: number, readonly proposer: string }
  /** It has seen a quorum of prevotes for a record, which is when a voter precommits to it. */
    | { readonly kind: 'locked', readonly at: number, readonly round: number, readonly term: number }
    | { readonly kind: 'gone', readonly at: number, readonly peer: string }
    | { readonly kind: 'back', readonly at: number, readonly peer: string }
    | { readonly kind: 'falling', readonly at: number, readonly round: number }
