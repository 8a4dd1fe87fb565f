import { founderOrganisation } from '../../hierarchy/index.js'
import { credentialClaim } from '../../identity/index.js'
import type { Credential } from '../../identity/index.js'
import type { Opened } from '../messages/wire.js'
import type { RoundPolicy } from '../policy.js'

/** What the credential of a peer that asks to join says; undefined where it shows none, or something else. Whether it holds, members have checked by their clocks before they vote. */
export function claimOf({ payload: { credential } }: Opened<'join'>): Credential | undefined {
  try {
    return credential === null ? undefined : credentialClaim(credential)
  } catch {
    return undefined
  }
}

/** Whose peer it is that joins: as the owners say in the founding roster, else in its credential. In an open network nobody's word counts. */
export function organisationOf(join: Opened<'join'>, { membership, foundingRoster }: Pick<RoundPolicy, 'membership' | 'foundingRoster'>): string {
  const founded = founderOrganisation(foundingRoster, join.peer)
  return founded !== '' || membership === 'open' ? founded : claimOf(join)?.organisation ?? ''
}
