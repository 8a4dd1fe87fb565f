import { createHash } from 'node:crypto'

import type { NodeConfig } from '../../src/config/index.js'
import { networkFileOf } from '../../src/config/index.js'
import { adapterLayout } from '../../src/model/index.js'
import type { Checker } from '../../src/quality/index.js'
import { openStore } from '../../src/store/index.js'
import { silentLogger } from '../../src/telemetry/index.js'
import { readBase } from '../daemon/base-model.js'
import { KeptAdapters } from '../daemon/kept-adapters.js'
import { NodeError } from '../errors.js'
import { ADAPTER_NAMES, BEST_FIRST } from '../serving/request.js'
import type { AdapterName } from '../serving/request.js'
import { GenerationService } from '../serving/service.js'
import { modelFolderOf } from '../settings/model-data.js'
import { DEFAULT_ADAPTER, loadVerifiedNetwork } from '../settings/network.js'
import type { Writer } from './writer.js'

export interface ModelWriterOptions {
  /** Default: the best that there is, personal before network before base. */
  readonly adapter: AdapterName | undefined
  readonly temperature: number
  readonly maximumTokens: number
  readonly checker: () => Checker
}

export interface ModelWriter {
  readonly writer: Writer
  /** What tells this model from others: the base by its content, the adapter by its name and content. */
  readonly model: { readonly base: string, readonly adapter: AdapterName, readonly adapterHash?: string }
  readonly close: () => Promise<void>
}

/**
 * The model of a data folder, as it is now. Adapters of a running node change from round to round, so it must have stopped; the base needs no data folder.
 *
 * @throws StoreError STORE_IN_USE while the node runs
 * @throws ModelError
 * @throws NodeError USAGE_INVALID for an adapter that is not there
 */
export async function openModelWriter(settings: NodeConfig, { adapter, temperature, maximumTokens, checker }: ModelWriterOptions): Promise<ModelWriter> {
  const base = await readBase(modelFolderOf(settings))
  const network = await loadVerifiedNetwork(networkFileOf(settings)).catch(() => undefined)
  const layout = adapterLayout(base.config, network?.config.genesis.adapter ?? DEFAULT_ADAPTER)
  const kept = adapter === 'base' ? {} : await adaptersOf(settings.dataFolder, layout.length)
  const has = (name: AdapterName): boolean => name === 'base' || kept[name] !== undefined
  const chosen = adapter ?? BEST_FIRST.find(has)!
  if (!has(chosen)) throw new NodeError('USAGE_INVALID', `there is no ${chosen} adapter in ${settings.dataFolder} yet: use ${ADAPTER_NAMES.filter(has).join(', ')}`)
  const service = new GenerationService({
    base, precedents: [], settings: layout.settings, threads: settings.training.threads, domain: 'verilog', checker,
    metrics: { areUsed: false, rate: () => Promise.resolve(undefined) }, adapters: () => kept,
  })
  const values = kept[chosen]
  return {
    model: { base: base.contentId, adapter: chosen, ...values === undefined ? {} : { adapterHash: createHash('sha256').update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength)).digest('hex') } },
    writer: async (prompt, { problem, seed, signal }) => {
      const { design } = await service.generate({
        specification: prompt, domain: problem.domain, verify: false, samples: 1, temperature, topK: 0, topP: 1, seed, maximumTokens, draft: 'lookup', adapter: chosen,
      }, { signal })
      return design
    },
    close: () => service.close(),
  }
}

async function adaptersOf(dataFolder: string, length: number): Promise<Readonly<Partial<Record<AdapterName, Float32Array>>>> {
  const store = await openStore(dataFolder)
  try {
    return (await KeptAdapters.open(store, length, silentLogger)).all()
  } finally {
    await store.close()
  }
}
