import { adapterLayout, loadCheckpoint } from '../../src/model/index.js'
import type { AdapterLayout, Checkpoint } from '../../src/model/index.js'
import { initialAdapter } from '../../src/adapter/index.js'
import type { NetworkConfig } from '../../src/config/index.js'
import { NodeError } from '../errors.js'

/** The base model without its weights: what is needed to encode, train and serve through threads that hold the weights. */
export interface BaseInfo extends Pick<Checkpoint, 'config' | 'tokenizer' | 'contentId'> {
  readonly folder: string
}

/** @throws ModelError where the folder is no complete model */
export async function readBase(folder: string): Promise<BaseInfo> {
  const { config, tokenizer, contentId } = await loadCheckpoint(folder)
  return { folder, config, tokenizer, contentId }
}

/**
 * The shape of the network's adapter, and where it starts: the same for all peers, since it follows from the genesis.
 *
 * @throws NodeError BASE_MISMATCH
 */
export function adapterOf({ genesis }: Pick<NetworkConfig, 'genesis'>, network: string, base: BaseInfo): { readonly layout: AdapterLayout, readonly initial: Float32Array } {
  if (genesis.base !== base.contentId) {
    throw new NodeError('BASE_MISMATCH', `the network "${genesis.name}" trains the base ${genesis.base.slice(0, 12)}, and ${base.folder} holds ${base.contentId.slice(0, 12)}: set modelFolder to that base`)
  }
  const layout = adapterLayout(base.config, genesis.adapter)
  return { layout, initial: initialAdapter(layout, Buffer.from(network, 'hex')) }
}

/** Weights of a base, without those that are a vector only. */
export function parametersOf({ hiddenSize, vocabularySize, layers, heads, keyValueHeads, headSize, intermediateSize }: BaseInfo['config']): number {
  return hiddenSize * (vocabularySize + layers * (2 * (heads + keyValueHeads) * headSize + 3 * intermediateSize))
}
