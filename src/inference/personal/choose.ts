/** A model that a peer could serve. */
export interface PersonalCandidate {
  /** For instance `network`, `local`, `network trained further`, `mixture 0.50`. */
  readonly name: string
  readonly adapter: Float32Array
}

/** How a candidate does on designs of the house that no candidate was trained on. */
export interface ValidationScore {
  /** Share of designs that it writes token for token, white space aside, in [0, 1]. */
  readonly exact: number
  /** Mean -log p of a token of the design, natural logarithm. */
  readonly loss: number
  /** These and what the user's own metrics say of it, weighed as the user says, in [0, 1]. Absent where there are no such metrics. */
  readonly own?: number
}

export interface PersonalChoice {
  readonly chosen: PersonalCandidate
  /** Every candidate with its score, best first. */
  readonly scores: readonly { readonly name: string, readonly score: ValidationScore }[]
}

/**
 * Chooses what a peer serves, on its own private validation designs: highest exact-match rate, then lowest loss; before these, where the user has metrics,
 * the highest score with them. The personal model is therefore never worse there than the best of its candidates.
 *
 * @param candidates - at least one; of equals the first is kept
 * @param weigh - scores of all adapters with the user's metrics, in their order
 */
export async function choosePersonal(
  candidates: readonly PersonalCandidate[], validate: (adapter: Float32Array) => Promise<ValidationScore>,
  weigh?: (adapters: readonly Float32Array[]) => Promise<readonly number[]>,
): Promise<PersonalChoice> {
  const scored: { candidate: PersonalCandidate, score: ValidationScore }[] = []
  for (const candidate of candidates) scored.push({ candidate, score: await validate(candidate.adapter) })
  const own = await weigh?.(candidates.map(({ adapter }) => adapter))
  own?.forEach((value, at) => { scored[at] = { ...scored[at]!, score: { ...scored[at]!.score, own: value } } })
  scored.sort((x, y) => (y.score.own ?? 0) - (x.score.own ?? 0) || y.score.exact - x.score.exact || x.score.loss - y.score.loss)
  return { chosen: scored[0]!.candidate, scores: scored.map(({ candidate, score }) => ({ name: candidate.name, score })) }
}
