/** Scores, weights, clips and reputations are integers in 1/65536: this one stands for 1. */
export const ONE = 65_536

/** Mean leads, shortfalls and thresholds of the gate are integers in 2^-32 of a score: this one stands for a score of 1. */
export const FINE_ONE = 2 ** 32

/** A late delta counts in at most this many later rounds, halved for each. */
export const MAXIMUM_STALENESS = 3
