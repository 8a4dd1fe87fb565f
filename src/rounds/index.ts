/**
 * The protocol: what a peer does in a round, and how the rounds of a network hang together. See README.md beside this file for a picture.
 *
 * What reads and writes messages is here for those who watch a network, or play a hostile peer in it.
 *
 * It sees interfaces only: learner, auditor, store, transport and clock are passed in, so the same code runs in a node and in virtual time.
 */
export { createPeer } from './peer.js'
export type { Peer, PeerOptions } from './peer.js'
export { decodeCarried, encodeCarried, frame, openMessage, sealMessage, unframe } from './messages/wire.js'
export type { Opened, Reading } from './messages/wire.js'
export { signVote } from './records/votes.js'
export { decodeClusterBody, decodeClusterHeader } from './records/record-bytes.js'
export { decodeLevelRecord } from './records/level-record.js'
export { RoundsError } from './errors.js'
export type { RoundsErrorCode } from './errors.js'
export { ROUND_EVENT_NAMES } from './events.js'
export type { Contribution, Phase, RoundEvents } from './events.js'
export { onePolicy } from './policies.js'
export type { Policies } from './policies.js'
export type { RoundPolicy } from './policy.js'
export type { Auditor, Learner, OwnMetric, RoundStore, Trained, TrainRequest } from './ports.js'
export type { Checkpoint } from './cluster/checkpoints.js'
export type { MemberStatus, PeerStatus } from './status.js'
