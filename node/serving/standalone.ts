import type { NodeConfig } from '../../src/config/index.js'
import { networkFileOf } from '../../src/config/index.js'
import { openStore } from '../../src/store/index.js'
import { createLogger, silentLogger } from '../../src/telemetry/index.js'
import { encodeExample } from '../../src/training/index.js'

import { readBase } from '../daemon/base-model.js'
import { Checkers } from '../daemon/checkers.js'
import { cachedDesigns } from '../daemon/designs.js'
import { KeptAdapters } from '../daemon/kept-adapters.js'
import { UserMetrics } from '../daemon/user-metrics.js'
import { modelFolderOf } from '../settings/model-data.js'
import { loadVerifiedNetwork } from '../settings/network.js'
import { adapterLayout } from '../../src/model/index.js'
import { DEFAULT_ADAPTER } from '../settings/network.js'
import { KeptCorpusIndex } from './kept-corpus-index.js'
import { KeptDraft } from './kept-draft.js'
import { KeptHistory } from './kept-history.js'
import { KeptStrategy } from './kept-strategy.js'
import { GenerationService } from './service.js'

/**
 * The models of a data folder without a node: what a campaign has left there, else the base.
 *
 * @throws StoreError, ModelError, QualityError METRIC_MODULE_UNREADABLE, METRIC_HASH_MISMATCH
 */
export async function openStandalone(settings: NodeConfig, checkerSocket: string | undefined): Promise<{ readonly service: GenerationService, readonly close: () => Promise<void> }> {
  const base = await readBase(modelFolderOf(settings))
  const store = await openStore(settings.dataFolder)
  const checkers = new Checkers(settings.checkers, checkerSocket)
  let metrics: UserMetrics | undefined
  const close = async (): Promise<void> => {
    await metrics?.close()
    await checkers.close()
    await store.close()
  }
  try {
    metrics = await UserMetrics.open(settings.metrics, { checker: checkers.get(), log: createLogger({ level: 'warn' }) })
    // Without a network there are no adapters, and the base alone needs none.
    const network = await loadVerifiedNetwork(networkFileOf(settings)).catch(() => undefined)
    const layout = adapterLayout(base.config, network?.config.genesis.adapter ?? DEFAULT_ADAPTER)
    const adapters = await KeptAdapters.open(store, layout.length, silentLogger)
    const precedents = (await cachedDesigns(store)).flatMap((example) => {
      try {
        const { prompt, completion } = encodeExample(base.tokenizer, example)
        return [{ prompt: [...prompt], design: [...completion] }]
      } catch {
        return []
      }
    })
    const log = createLogger({ level: 'warn' })
    const strategy = await KeptStrategy.open(store, log)
    const history = settings.drafts.history ? await KeptHistory.open({ store, model: base.contentId, vocabularySize: base.config.vocabularySize, log }) : undefined
    const corpusIndex = new KeptCorpusIndex(store, log)
    const trained = settings.drafts.trained ? await KeptDraft.open(store, base, log) : undefined
    const service = new GenerationService({
      strategy, corpusIndex,
      ...history ? { history } : {},
      ...trained ? { trained: () => trained.draft } : {},
      base, precedents, settings: layout.settings, threads: settings.training.threads, writers: settings.api.writers, domain: settings.domain === 'qasm' ? 'qasm' : 'verilog',
      metrics, checker: checkers.get, adapters: () => adapters.all(),
    })
    return {
      service,
      close: async () => {
        await service.close()
        await strategy.close()
        await history?.close()
        await corpusIndex.close()
        await close()
      },
    }
  } catch (error) {
    await close()
    throw error
  }
}
