/** Voters that it takes to agree: more than two thirds, so that two quorums share an honest voter while fewer than a third are hostile. */
export function quorumOf(voters: number): number {
  return Math.floor(2 * voters / 3) + 1
}

/** The fewest voters among which one is honest. */
export function honestMinimum(voters: number): number {
  return voters - quorumOf(voters) + 1
}
