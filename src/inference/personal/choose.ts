/** A model that a peer could serve. */
export interface PersonalCandidate {
  /** For instance `network`, `local`, `network trained further`, `mixture 0.50`. */
  readonly name: string
  readonly adapter: Float32Array
  /** What the personal model must not be worse than: always a finalist. */
  readonly isBaseline?: boolean
}

/** How a candidate does on designs of the house that no candidate was trained on. */
export interface ValidationScore {
  /** Mean -log p of a token of the design, natural logarithm. */
  readonly loss: number
  /** Share of designs that it writes token for token, white space aside, in [0, 1]. */
  readonly exact: number
  /** Share of designs that it writes so that they do what the reference does, in [0, 1]. Finalists alone have it. */
  readonly passed?: number
  /** These and what the user's own metrics say of it, weighed as the user says, in [0, 1]. Finalists alone have it, where there are such metrics. */
  readonly own?: number
}

export interface PersonalChoice {
  readonly chosen: PersonalCandidate
  /** Every candidate with its score: the finalists, best first, then the others. */
  readonly scores: readonly { readonly name: string, readonly score: ValidationScore }[]
}

/** How candidates are measured, from the cheapest to the dearest. */
export interface Measures {
  /** By forward passes. */
  readonly validate: (adapter: Float32Array) => Promise<Pick<ValidationScore, 'loss' | 'exact'>>
  /** The share of designs that pass when it writes them; undefined where that cannot be told just now. */
  readonly verify?: (adapter: Float32Array) => Promise<number | undefined>
  /** Scores with the user's metrics, in the adapters' order. */
  readonly weigh?: (finalists: readonly { readonly adapter: Float32Array, readonly score: ValidationScore }[]) => Promise<readonly number[]>
}

/** Candidates beside the baselines that are written with and checked: those of the lowest loss. */
const FINALISTS = 2

/**
 * Chooses what a peer serves, on its own private validation designs: of the finalists the one with the highest score by the user's metrics, where there are
 * any, then the highest share of designs that pass, then the lowest loss. On these designs it is therefore never worse than the baselines.
 *
 * Exact matches do not decide: they favour whoever has the house's wording by heart over whoever writes what was asked
 * (measured: docs/decisions/0018-personal-choice.md).
 *
 * @param candidates - at least one; of equals the first is kept
 */
export async function choosePersonal(candidates: readonly PersonalCandidate[], { validate, verify, weigh }: Measures): Promise<PersonalChoice> {
  const scored: { candidate: PersonalCandidate, score: ValidationScore }[] = []
  for (const candidate of candidates) scored.push({ candidate, score: await validate(candidate.adapter) })
  scored.sort((x, y) => x.score.loss - y.score.loss)
  const challengers = scored.filter(({ candidate }) => candidate.isBaseline !== true).slice(0, FINALISTS)
  const finalists = scored.filter((entry) => entry.candidate.isBaseline === true || challengers.includes(entry))
  if (verify) {
    const passed: (number | undefined)[] = []
    for (const { candidate } of finalists) passed.push(await verify(candidate.adapter))
    // Shares are compared with shares only.
    if (passed.every((share) => share !== undefined)) finalists.forEach((entry, at) => { entry.score = { ...entry.score, passed: passed[at]! } })
  }
  const own = await weigh?.(finalists.map(({ candidate: { adapter }, score }) => ({ adapter, score })))
  own?.forEach((value, at) => { finalists[at]!.score = { ...finalists[at]!.score, own: value } })
  finalists.sort((x, y) => (y.score.own ?? 0) - (x.score.own ?? 0) || (y.score.passed ?? 0) - (x.score.passed ?? 0))
  const others = scored.filter((entry) => !finalists.includes(entry))
  return { chosen: finalists[0]!.candidate, scores: [...finalists, ...others].map(({ candidate, score }) => ({ name: candidate.name, score })) }
}
