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
}

export interface PersonalChoice {
  readonly chosen: PersonalCandidate
  /** Every candidate with its score, best first. */
  readonly scores: readonly { readonly name: string, readonly score: ValidationScore }[]
}

/**
 * Chooses what a peer serves, on its own private validation designs: highest exact-match rate, then lowest loss. The personal model is therefore
 * never worse there than the best of its candidates.
 *
 * @param candidates - at least one; of equals the first is kept
 */
export async function choosePersonal(
  candidates: readonly PersonalCandidate[], validate: (adapter: Float32Array) => Promise<ValidationScore>,
): Promise<PersonalChoice> {
  const scored: { candidate: PersonalCandidate, score: ValidationScore }[] = []
  for (const candidate of candidates) scored.push({ candidate, score: await validate(candidate.adapter) })
  scored.sort((x, y) => y.score.exact - x.score.exact || x.score.loss - y.score.loss)
  return { chosen: scored[0]!.candidate, scores: scored.map(({ candidate, score }) => ({ name: candidate.name, score })) }
}
