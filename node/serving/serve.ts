import type { NodeConfig } from '../../src/config/index.js'
import type { Logger } from '../../src/telemetry/index.js'

import type { ApiServer } from '../api/server.js'
import { codeOf, messageOf } from '../control/errors.js'
import type { Life } from '../daemon/life.js'
import type { GenerationService } from './service.js'

/** Whether the API is served; neither field where it is switched off. */
export interface ApiStanding {
  readonly url?: string
  readonly problem?: string
}

/** Serves the models of a service over HTTP. @throws NodeError API_KEY_UNREADABLE, API_ADDRESS_UNUSABLE */
export async function serveModels(settings: NodeConfig['api'], { service, log }: { readonly service: GenerationService, readonly log: Logger }): Promise<ApiServer> {
  // What a node without an API does not need, it does not load.
  const { serveApi } = await import('../api/server.js')
  const { GenerationEngine } = await import('./generation-engine.js')
  const engine = new GenerationEngine({ service, ...settings.adapterFolder === undefined ? {} : { adapterFolder: settings.adapterFolder } })
  return serveApi({ engine, settings, log })
}

/**
 * Serves the models of a node that does more than that: where the address is taken, by another node of this machine for instance, the node goes on without.
 *
 * @throws NodeError API_KEY_UNREADABLE
 */
export async function serveBeside(settings: NodeConfig['api'], { life, ...parts }: { readonly service: GenerationService, readonly log: Logger, readonly life: Life }): Promise<ApiStanding> {
  if (!settings.enabled) return {}
  try {
    const server = await serveModels(settings, parts)
    life.atEnd('API', () => server.close())
    parts.log.info('the API is served', { url: server.url })
    return { url: server.url }
  } catch (error) {
    if (codeOf(error) !== 'API_ADDRESS_UNUSABLE') throw error
    parts.log.warn('the API is not served, and the node goes on without it', { error })
    return { problem: messageOf(error) }
  }
}
