/** How families are spread over peers: `overlap` draws each peer's shares from Dirichlet(0.5), `disjoint` gives no family to two peers. */
export const REGIMES = ['overlap', 'disjoint'] as const
export type Regime = typeof REGIMES[number]

export const PEERS = 6

/** One training run, or the base alone. Everything else follows from its fields, so that arms run anywhere and in any order. */
export interface Arm {
  readonly regime: Regime
  readonly seed: number
  readonly kind: ArmKind
  /** Peers whose specifications and designs do not belong together. */
  readonly damaged: number
  /** Which peer, where an arm is one peer's: `local` and `personal`. */
  readonly peer?: number
}

export type ArmKind
  /** The embedded base, untrained. */
  = | 'base'
  /** A peer alone, for the steps that it takes in the network. */
    | 'local'
  /** Six peers through `src/rounds`, weights by audit. */
    | 'network'
  /** The same without audits: every delta counts by its tokens alone. */
    | 'uniform'
  /** The same with the damaged peers left out by hand. */
    | 'excluded'
  /** One learner on all data with everybody's steps. */
    | 'centralised'
  /** One peer's own model, made of the network's and its own by private validation. */
    | 'personal'

export const SEEDS = [1, 2, 3] as const

/** Every arm, the most telling first, so that an unfinished run already says something. */
export function allArms(seeds: readonly number[] = SEEDS): Arm[] {
  const kinds: readonly (readonly [ArmKind, number])[] = [
    ['base', 0], ['network', 0], ['network', 2], ['uniform', 2], ['local', 0], ['centralised', 0], ['excluded', 2], ['uniform', 0], ['personal', 0],
    ['network', 1], ['uniform', 1], ['network', 3], ['uniform', 3],
  ]
  return seeds.flatMap((seed) => kinds.flatMap(([kind, damaged]): Arm[] => {
    if (kind === 'base') return [{ regime: REGIMES[0], seed, kind, damaged }]
    const peers = kind === 'local' || kind === 'personal' ? Array.from({ length: PEERS }, (_, peer) => ({ peer })) : [{}]
    return REGIMES.flatMap((regime) => peers.map((peer) => ({ regime, seed, kind, damaged, ...peer })))
  }))
}

/** Whether an arm's counts belong to a regime. The base knows no peers: both regimes ask it the same, so that it is asked once. */
export function belongsTo(regime: Regime, arm: Arm): boolean {
  return arm.regime === regime || arm.kind === 'base'
}

/** For instance `disjoint-2-network-d2` or `overlap-1-personal-d0-p3`: also the name of the arm's files. */
export function armName({ regime, seed, kind, damaged, peer }: Arm): string {
  return `${regime}-${seed}-${kind}-d${damaged}${peer === undefined ? '' : `-p${peer}`}`
}

/** The arm whose model a personal one begins with. */
export function networkArm({ regime, seed }: Arm): Arm {
  return { regime, seed, kind: 'network', damaged: 0 }
}
