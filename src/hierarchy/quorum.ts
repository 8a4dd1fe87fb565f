/** Voters that it takes to agree: more than two thirds, so that two quorums share an honest voter while fewer than a third are hostile. */
export function quorumOf(voters: number): number {
  return Math.floor(2 * voters / 3) + 1
}

/** The fewest voters among which one is honest. */
export function honestMinimum(voters: number): number {
  return voters - quorumOf(voters) + 1
}

/**
 * How many of a roster must sign, once some of it have promised not to sign any more. It is as safe as the whole roster's quorum while fewer than a third of
 * the whole roster are hostile, those included who promise and sign nevertheless: see "Farewells" in docs/reference/protocol.md.
 *
 * @param released - how many of the members have promised
 */
export function releasedQuorum(members: number, released: number): number {
  if (released === 0) return quorumOf(members)
  const hostile = Math.floor((members - 1) / 3)
  return Math.max(quorumOf(members - released), Math.floor((members + hostile - released) / 2) + 1)
}
