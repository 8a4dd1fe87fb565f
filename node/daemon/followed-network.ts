import { contentId, decodeCanonical, encodeCanonical, networkConfigSchema, networkId, parseConfig, policySchema } from '../../src/config/index.js'
import type { NetworkConfig, Policy } from '../../src/config/index.js'
import { checkSuperseding, IdentityError, supersedes, verifyNetworkConfig } from '../../src/identity/index.js'
import type { Policies } from '../../src/rounds/index.js'
import type { Store } from '../../src/store/index.js'
import { StoreError } from '../../src/store/index.js'
import type { Logger } from '../../src/telemetry/index.js'

import { loadVerifiedNetwork } from '../settings/network.js'

/** The newest configuration that the node has followed lies in its store under this name. */
const STATE = 'network'
const STATE_VERSION = 1

/** Fields that a node goes by from its next start on; all others count at once, or from the record on in which a quorum goes over to them. */
const START_FIELDS: ReadonlySet<string> = new Set(['keyEpoch', 'bootstrap', 'learning', 'campaignRounds', 'metrics', 'foundingRoster', 'clusterSize'] satisfies (keyof Policy)[])

/** Policies before the newest that are remembered: rounds may go by one of them until a quorum has the newest. */
const EARLIER_KEPT = 8

export interface NetworkUpdate {
  /** Policy versions; the same where the file brings nothing new. */
  readonly from: number
  readonly to: number
  /** Fields that differ and count from the node's next start. */
  readonly atRestart: readonly string[]
}

interface Memory {
  readonly network: string
  readonly config: NetworkConfig
  readonly keyEpochSince: number
  /** Policies before that of `config`, oldest first. */
  readonly earlier: readonly Policy[]
}

/** The network that a node follows: the newest configuration that it has seen, in its file or from another peer, and never an older one. */
export class FollowedNetwork {
  private work: Promise<unknown> = Promise.resolve()

  private constructor(
    private readonly file: string,
    private readonly store: Store,
    private readonly now: () => number,
    private newest: NetworkConfig,
    private since: number,
    private earlier: readonly Policy[],
  ) {}

  /**
   * Reads a network's file and compares it with what the node has followed before.
   *
   * @param options.now - milliseconds since 1970
   * @throws ConfigError, IdentityError OWNERS_SIGNATURES_TOO_FEW, POLICY_OUTDATED, POLICY_CONFLICTING, StoreError
   */
  static async open(file: string, { store, now, log }: { readonly store: Store, readonly now: () => number, readonly log: Logger }): Promise<FollowedNetwork> {
    const { config: read } = await loadVerifiedNetwork(file)
    const known = await recall(store, networkId(read.genesis), log)
    // A newer one may have come from another peer meanwhile.
    const isOutdated = known !== undefined && supersedes(known.config, read)
    if (isOutdated) log.info('the network\'s file is older than the policy that this node follows', { file, holds: read.policy.version, follows: known.config.policy.version })
    else if (known !== undefined) checkSuperseding(read, known.config, file)
    const config = isOutdated ? known.config : read
    const since = known === undefined ? 0 : known.config.policy.keyEpoch === config.policy.keyEpoch ? known.keyEpochSince : Math.floor(now())
    const before = known === undefined ? [] : earlierThan(config, known.config, known.earlier)
    const followed = new FollowedNetwork(file, store, now, config, since, before)
    await followed.remember(config, since, before)
    return followed
  }

  get config(): NetworkConfig { return this.newest }
  /** When the node first saw the policy's key epoch; milliseconds since 1970. */
  get keyEpochSince(): number { return this.since }
  get id(): string { return networkId(this.newest.genesis) }

  /** What rounds go by: whichever of these the last record names. */
  readonly policies: Policies = {
    newest: () => this.newest.policy,
    of: (version) => {
      const known = [...this.earlier, this.newest.policy]
      return version < known[0]!.version ? known[0] : known.find((policy) => policy.version === version)
    },
    signed: () => encodeCanonical(this.newest, { fractions: true }),
    take: (bytes) => this.inOrder(() => this.take(bytes)),
  }

  /**
   * Reads the network's file again and follows it where it is newer.
   *
   * @throws ConfigError, IdentityError OWNERS_SIGNATURES_TOO_FEW, POLICY_OUTDATED, POLICY_CONFLICTING, StoreError; what was followed before then stays
   */
  update(): Promise<NetworkUpdate> {
    return this.inOrder(() => this.readAgain())
  }

  private async readAgain(): Promise<NetworkUpdate> {
    const before = this.newest
    const { config } = await loadVerifiedNetwork(this.file)
    if (networkId(config.genesis) !== this.id) {
      throw new IdentityError('POLICY_CONFLICTING', `${this.file} is now that of another network, "${config.genesis.name}": put the file of "${before.genesis.name}" back, or restart the node to change networks`)
    }
    if (!checkSuperseding(config, before, this.file)) return { from: before.policy.version, to: before.policy.version, atRestart: [] }
    await this.goOnTo(config)
    return { from: before.policy.version, to: config.policy.version, atRestart: changedFields(before.policy, config.policy).filter((field) => START_FIELDS.has(field)) }
  }

  /** A policy that another peer has shown. One with another key epoch must come by file, with the key. */
  private async take(bytes: Uint8Array): Promise<boolean> {
    const config = parseConfig(networkConfigSchema, decodeCanonical(bytes, { fractions: true }), 'a policy that another peer has sent')
    verifyNetworkConfig(config)
    if (networkId(config.genesis) !== this.id) throw new IdentityError('POLICY_CONFLICTING', `another peer has sent a policy of another network, "${config.genesis.name}": nothing is to be done`)
    if (config.policy.keyEpoch !== this.newest.policy.keyEpoch || !checkSuperseding(config, this.newest, 'another peer')) return false
    await this.goOnTo(config)
    return true
  }

  private async goOnTo(config: NetworkConfig): Promise<void> {
    const before = this.newest
    const earlier = earlierThan(config, before, this.earlier)
    // First on disk: what has been followed once is never forgotten.
    const since = before.policy.keyEpoch === config.policy.keyEpoch ? this.since : Math.floor(this.now())
    await this.remember(config, since, earlier)
    this.since = since
    this.newest = config
    this.earlier = earlier
  }

  /** One change after the other. */
  private inOrder<T>(act: () => Promise<T>): Promise<T> {
    const done = this.work.then(act)
    this.work = done.catch(() => undefined)
    return done
  }

  private remember(config: NetworkConfig, keyEpochSince: number, earlier: readonly Policy[]): Promise<void> {
    return this.store.writeState(STATE, STATE_VERSION, { network: networkId(config.genesis), config, keyEpochSince, earlier } satisfies Memory)
  }
}

/** What the store holds of this network. A folder that served another network before has no memory of this one. */
async function recall(store: Store, network: string, log: Logger): Promise<Memory | undefined> {
  const state = await store.readState(STATE, { version: STATE_VERSION }).catch((error: unknown) => {
    if (!(error instanceof StoreError) || error.code !== 'STATE_CORRUPTED') throw error
    log.warn('the node no longer knows which policy it followed last, and takes the one in the file: see that it is the newest', { error })
    return undefined
  })
  if (typeof state !== 'object' || state === null || !('network' in state) || state.network !== network || !('config' in state) || !('keyEpochSince' in state)) return undefined
  const earlier = 'earlier' in state && Array.isArray(state.earlier) ? state.earlier : []
  return { network, config: parseConfig(networkConfigSchema, state.config, 'the remembered network'), keyEpochSince: Number(state.keyEpochSince), earlier: earlier.map((policy) => parseConfig(policySchema, policy, 'a remembered policy')) }
}

/** The policies before a newer configuration's, that of the one before it included. */
function earlierThan(config: NetworkConfig, before: NetworkConfig, earlier: readonly Policy[]): readonly Policy[] {
  return config.policy.version === before.policy.version ? earlier : [...earlier, before.policy].slice(-EARLIER_KEPT)
}

function changedFields(before: Policy, after: Policy): string[] {
  const valuesBefore = new Map<string, unknown>(Object.entries(before))
  const valuesAfter = new Map<string, unknown>(Object.entries(after))
  return [...new Set([...valuesBefore.keys(), ...valuesAfter.keys()])].filter((field) => hashOf(valuesBefore.get(field)) !== hashOf(valuesAfter.get(field)))
}

function hashOf(value: unknown): string {
  return contentId(encodeCanonical(value ?? null, { fractions: true }))
}
