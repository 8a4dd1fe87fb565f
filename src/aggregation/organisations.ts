/** A raw weight, and whose it is: undefined or empty where nobody vouches for it. */
interface Weighed {
  readonly organisation?: string | undefined
  readonly weight: bigint
}

/** With fewer, one of them being capped would only raise the other. */
const LEAST_ORGANISATIONS = 3

/**
 * Raw weights such that no organisation outweighs all others together: that of the largest is lowered where it does, in proportion. A company brings as many
 * peers as it likes; what it brings beyond half of the whole decides nothing. Peers without an organisation are each one of their own.
 *
 * @returns in the order given
 */
export function capOrganisations(entries: readonly Weighed[]): bigint[] {
  const totals = new Map<string, bigint>()
  entries.forEach(({ organisation, weight }, at) => {
    const group = groupOf(organisation, at)
    totals.set(group, (totals.get(group) ?? 0n) + weight)
  })
  const present = [...totals].filter(([, total]) => total > 0n)
  const whole = present.reduce((sum, [, total]) => sum + total, 0n)
  const dominant = present.find(([group, total]) => group.startsWith(NAMED) && total > whole - total)
  if (dominant === undefined || present.length < LEAST_ORGANISATIONS) return entries.map(({ weight }) => weight)
  const [group, total] = dominant
  return entries.map(({ organisation, weight }, at) => (groupOf(organisation, at) === group ? weight * (whole - total) / total : weight))
}

const NAMED = 'organisation '

function groupOf(organisation: string | undefined, at: number): string {
  return organisation === undefined || organisation === '' ? `${at}` : `${NAMED}${organisation}`
}
