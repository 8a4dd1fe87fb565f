/**
 * Agreement on one record among the voters of a round: Tendermint's algorithm as a machine without side effects.
 * A level-0 cluster votes with its members; a cluster above votes with its seats.
 */
export { Agreement } from './agreement.js'
export { waitForStep } from './patience.js'
export type { AgreementMemory, AgreementOptions, Effect, Proposal, Step, Value, Vote, Waiting } from './types.js'
