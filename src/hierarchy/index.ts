/**
 * Who stands where: clusters and the places in them, members' reputation and rank, auditors, the seats of clusters at the level above.
 *
 * All of it are functions of records and of the policy; nothing here keeps state or talks to anybody.
 */
export { hasFailedProbation, isOnProbation, isProved, probationPlaces } from './probation.js'
export { auditorsOf, trustedAuditors } from './auditors.js'
export { areKin, founderOrganisation } from './organisations.js'
export { HierarchyError } from './errors.js'
export type { HierarchyErrorCode } from './errors.js'
export { lot } from './lot.js'
export { ABSENCES_ALLOWED, afterAbsence, afterCommit, FIRST_REPUTATION, founder, hasJustSigned, isAbsent, isPresent, newcomer, ONE, ones, reputationAfter } from './member.js'
export type { Member } from './member.js'
export { isDissolved, isDormant, isGivenUp, quietRounds } from './dormancy.js'
export type { Traces } from './dormancy.js'
export { drawDelegates } from './delegates.js'
export type { Represented } from './delegates.js'
export { clusterFor, foundingClusters, levelsAbove, pathAbove, ROOT, seatFor } from './placement.js'
export type { Cluster, Placeable, RosterEntry } from './placement.js'
export { missedTurns, proposerOf, rank } from './rank.js'
export { honestMinimum, quorumOf, releasedQuorum } from './quorum.js'
export { certificateStands, SeatBallot, seatStatement } from './seat.js'
export type { Rosters, SeatCertificate, SeatShare, SeatVote, Verify } from './seat.js'
export { bornCluster, goes, halve, isPlacedAt, strayedAt } from './split.js'
export type { Branching, Halves } from './split.js'
export { treeView } from './tree.js'
export type { ClusterNews, ClusterView, TreeView } from './tree.js'
export { instanceOf, voteStatement } from './vote-statement.js'
export type { Ballot, BallotVote } from './vote-statement.js'
