import { LARGEST_CLUSTER } from '../config/index.js'

/** Members of a cluster, or seats of one above: twice the largest target size would never be reached. */
export const MAXIMUM_MEMBERS = LARGEST_CLUSTER

/** Splits that a cluster's records remember: with each of them it has halved. One that has split more often splits no more. */
export const MAXIMUM_SPLITS = 256

/** Manifests that one list or record may name: those of a round and the late ones of the three before. */
export const MAXIMUM_ENTRIES = 4 * MAXIMUM_MEMBERS

/** Levels of clusters of seats: with eight seats each, more peers than there are people. */
export const MAXIMUM_LEVELS = 16

/** Scores of one audit of one delta. */
export const MAXIMUM_PROBES = 10_000

/** A record of 128 members with their audits stays below it; nothing larger is pulled. */
export const MAXIMUM_RECORD_BYTES = 4 * 1024 * 1024

/** A header of a cluster of 128 members, just split for the 256th time, has some 200 KB. */
export const MAXIMUM_HEADER_BYTES = 512 * 1024

/** A commit holds one signature of about 130 bytes for each voter, or one for each member of each seat. */
export const MAXIMUM_COMMIT_BYTES = 4 * 1024 * 1024

/** A policy with all the founders and revocations that it may name stays below it. */
export const MAXIMUM_POLICY_BYTES = 8 * 1024 * 1024

/** Rounds for which a late delta may still count, and for which what was settled is remembered. */
export const LATE_ROUNDS = 3

/** Heartbeats that may be missed before a peer is taken for gone. */
export const HEARTBEATS_MISSED = 3

/** The most bytes of a signed envelope, by what it says: on its way, and where a closing or a record carries it on. */
export const MAXIMUM_ENVELOPE_BYTES = {
  heartbeat: 2048,
  manifest: 16 * 1024,
  list: 48 * 1024,
  closing: 64 * 1024,
  mark: 48 * 1024,
  audit: 60 * 1024,
  proposal: 2048,
  roster: 12 * 1024,
  join: 6 * 1024,
  leave: 2048,
  report: 2048,
  summit: 2048,
  surrender: 2048,
} as const
