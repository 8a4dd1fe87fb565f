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
  /** The best of the baselines by the same measures; undefined where there are none. */
  readonly baseline: PersonalCandidate | undefined
  /** Every candidate with its score: the finalists, best first, then the others. */
  readonly scores: readonly { readonly name: string, readonly score: ValidationScore }[]
}

/** How candidates are measured, from the cheapest to the dearest. */
export interface Measures {
  /** By forward passes. */
  readonly validate: (adapter: Float32Array) => Promise<Pick<ValidationScore, 'loss' | 'exact'>>
  /** Which designs pass when it writes them, the same designs in the same order for all; undefined where that cannot be told just now. */
  readonly verify?: (adapter: Float32Array) => Promise<readonly boolean[] | undefined>
  /** Scores with the user's metrics, in the adapters' order. */
  readonly weigh?: (finalists: readonly { readonly adapter: Float32Array, readonly score: ValidationScore }[]) => Promise<readonly number[]>
}

/** Candidates beside the baselines that are written with and checked: those of the lowest loss. */
const FINALISTS = 2

interface Entry {
  readonly candidate: PersonalCandidate
  score: ValidationScore
  passes?: readonly boolean[]
}

/**
 * Chooses what a peer serves, on its own private validation designs: of the finalists the one with the highest score by the user's metrics, where there are
 * any. Otherwise the baseline of which the highest share of designs passes, unless another finalist is better by more than chance would often give; without
 * passes, the lowest loss. On these designs it is therefore never worse than the baselines.
 *
 * Exact matches do not decide: they favour whoever has the house's wording by heart over whoever writes what was asked
 * (measured: docs/decisions/0018-personal-choice.md).
 *
 * @param candidates - at least one; of equals the first is kept
 */
export async function choosePersonal(candidates: readonly PersonalCandidate[], { validate, verify, weigh }: Measures): Promise<PersonalChoice> {
  const entries: Entry[] = []
  for (const candidate of candidates) entries.push({ candidate, score: await validate(candidate.adapter) })
  entries.sort((x, y) => x.score.loss - y.score.loss)
  const challengers = entries.filter((entry) => !isBaseline(entry)).slice(0, FINALISTS)
  const finalists = entries.filter((entry) => isBaseline(entry) || challengers.includes(entry))
  if (verify) await check(finalists, verify)
  const own = await weigh?.(finalists.map(({ candidate: { adapter }, score }) => ({ adapter, score })))
  own?.forEach((value, at) => { finalists[at]!.score = { ...finalists[at]!.score, own: value } })

  finalists.sort((x, y) => (y.score.own ?? 0) - (x.score.own ?? 0) || (y.score.passed ?? 0) - (x.score.passed ?? 0))
  const baseline = finalists.find(isBaseline)
  const chosen = finalists.find((entry) => entry === baseline || isClearlyBetter(entry, baseline))!
  const ordered = [chosen, ...[...finalists, ...entries.filter((entry) => !finalists.includes(entry))].filter((entry) => entry !== chosen)]
  return { chosen: chosen.candidate, baseline: baseline?.candidate, scores: ordered.map(({ candidate, score }) => ({ name: candidate.name, score })) }
}

function isBaseline({ candidate }: Entry): boolean {
  return candidate.isBaseline === true
}

/** Shares are compared with shares only: where one finalist could not be checked, none has one. */
async function check(finalists: readonly Entry[], verify: NonNullable<Measures['verify']>): Promise<void> {
  const passes: (readonly boolean[] | undefined)[] = []
  for (const { candidate } of finalists) passes.push(await verify(candidate.adapter))
  if (!passes.every((outcomes) => outcomes !== undefined)) return
  finalists.forEach((entry, at) => {
    const outcomes = passes[at]!
    entry.passes = outcomes
    entry.score = { ...entry.score, passed: outcomes.filter(Boolean).length / Math.max(1, outcomes.length) }
  })
}

/**
 * Whether a finalist, ahead of the best baseline already, is ahead by more than one standard error of the difference of paired outcomes: validation designs
 * are few, and of several finalists the luckiest looks best.
 */
function isClearlyBetter({ passes, score }: Entry, baseline: Entry | undefined): boolean {
  if (passes === undefined || baseline?.passes === undefined || score.own !== undefined) return true
  const gained = passes.filter((pass, at) => pass && !baseline.passes![at]).length
  const lost = passes.filter((pass, at) => !pass && baseline.passes![at]).length
  return gained - lost > Math.sqrt(gained + lost)
}
