/**
 * The delta codec `sign-block64-1`: what a peer sends instead of the f32 change of its adapter.
 *
 * Each value is reduced to its sign; each block of 64 keeps its mean magnitude. That is 25.6 times smaller than f32.
 * What the code loses stays with the sender as a *residual* that is added to its next delta (error feedback):
 * nothing is lost, it only arrives later.
 */
export { BLOCK_LENGTH, CODEC_NAME } from './constants.js'
export { decodeDelta, encodeDelta, encodedLength } from './signs.js'
export type { EncodedDelta } from './signs.js'
export { deltaSquaredNorm, SQUARED_NORM_UNIT } from './norm.js'
export { DeltaCodecError } from './errors.js'
export type { DeltaCodecErrorCode } from './errors.js'
