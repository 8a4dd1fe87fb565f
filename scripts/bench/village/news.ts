/** What the bench tells one of its peers. */
export type Command
  /** Trainings that begin from now on do not end: the rounds go on without deltas. */
  = | 'hold'
    | 'train'
  /** Die by SIGKILL instead of sending the next proposal of a round's first term. */
    | 'fall'
  /** No longer. */
    | 'stand'
  /** The disk is full from now on. */
    | 'fill'
    | 'free'
  /** Tell how you stand. */
    | 'report'
  /** The clock jumps by so many milliseconds. */
    | { readonly jump: number }
  /** Tell the chains back to these rounds. */
    | { readonly chainSince: number, readonly rootSince: number }

/** A record of a chain, as its bytes on disk say. */
export interface Link {
  readonly round: number
  readonly record: string
  /** Contents of the deltas that count in it. */
  readonly counted: readonly string[]
}

/** What a peer tells the bench. Moments are milliseconds since 1970, as the machine's clock says. */
export type News
  /** It takes part, in its first life or again. */
  = | { readonly kind: 'started', readonly at: number }
  /** The newest record of the level that has none above. */
    | { readonly kind: 'root', readonly at: number, readonly round: number, readonly record: string }
  /** Of its own cluster. */
    | { readonly kind: 'committed', readonly at: number, readonly round: number, readonly head: string, readonly record: string, readonly full: boolean, readonly counted: readonly string[] }
  /** A record that was provisional has become full by precommits that came later. */
    | { readonly kind: 'healed', readonly at: number, readonly round: number, readonly record: string }
    | { readonly kind: 'term', readonly at: number, readonly round: number, readonly term: number, readonly proposer: string }
  /** It has seen a quorum of prevotes for a record, which is when a voter precommits to it. */
    | { readonly kind: 'locked', readonly at: number, readonly round: number, readonly term: number }
    | { readonly kind: 'gone', readonly at: number, readonly peer: string }
    | { readonly kind: 'back', readonly at: number, readonly peer: string }
    | { readonly kind: 'falling', readonly at: number, readonly round: number }
  /** Its own cluster's chain and the root's, the newest record first. */
    | { readonly kind: 'chains', readonly at: number, readonly own: readonly Link[], readonly root: readonly Link[] }
    | { readonly kind: 'standing', readonly at: number, readonly state: string }
  /** Its process stood still for so many milliseconds, hung or without processor time. */
    | { readonly kind: 'stalled', readonly at: number, readonly milliseconds: number }
  /** A rejection or an exception that nobody has handled. */
    | { readonly kind: 'unhandled', readonly at: number, readonly error: string }
