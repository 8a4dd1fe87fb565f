import { z } from 'zod'

import { LATE_ROUNDS, MAXIMUM_ENTRIES, MAXIMUM_MEMBERS } from '../limits.js'

export const id = z.string().regex(/^[0-9a-f]{64}$/)
export const peer = z.string().regex(/^[1-9A-HJ-NP-Za-km-z]{40,64}$/)
/** A cluster's or a domain's name. */
export const label = z.string().regex(/^[a-z0-9][a-z0-9.-]{0,63}$/)
/** Whose peer somebody is; empty where the network's owners do not say. */
export const organisation = z.string().max(64)
export const whole = (most = Number.MAX_SAFE_INTEGER): z.ZodInt => z.int().min(0).max(most)
export const round = whole(2 ** 40)
export const score = whole(65_536)
export const bytes = (most: number) => z.custom<Uint8Array>((value) => value instanceof Uint8Array && value.length <= most)
export const signature = z.custom<Uint8Array>((value) => value instanceof Uint8Array && value.length === 64)
export const peers = z.array(peer).max(MAXIMUM_MEMBERS).refine((items) => new Set(items).size === items.length)
export const sortedIds = z.array(id).max(MAXIMUM_ENTRIES).refine((items) => items.every((item, at) => at === 0 || items[at - 1]! < item))
export const step = z.enum(['prevote', 'precommit'])
export const ancestors = z.array(id).max(LATE_ROUNDS + 1)

/** A round's record, and where its commit is to be had. */
export const tip = z.strictObject({ round, record: id, commit: id.nullable() })

/** A record of a cluster that speaks for its seat above, and the commit that shows who of its roster has been there. */
export const through = z.strictObject({ record: id, commit: id })

/** The newest policy that has come to a peer, and where it is to be had as its owners signed it. */
export const policyTip = z.strictObject({ version: whole(), signed: id.nullable() })

export type PolicyTip = z.infer<typeof policyTip>
export type Tip = z.infer<typeof tip>
