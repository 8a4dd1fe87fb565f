import type { CheckedDesign } from '../../src/inference/index.js'

import { connectControl } from '../control/client.js'
import { ControlError } from '../control/errors.js'
import type { ChatAnswer, ChatInput, ChatModels, CheckRequest } from '../serving/chat.js'
import type { GenerateEvent } from '../serving/request.js'
import type { AnswerHow, Partner } from './partner.js'

/** The models of a running node. Each call has a connection of its own, since hanging up is how a node is told to stop. */
export class NodePartner implements Partner {
  constructor(private readonly address: string) {}

  async models(): Promise<ChatModels> {
    return await this.#call('models') as ChatModels
  }

  async answer(request: ChatInput, { signal, onPart }: AnswerHow): Promise<ChatAnswer> {
    return await this.#call('chat', request, { signal, onEvent: (event) => onPart(event as GenerateEvent) }) as ChatAnswer
  }

  async check(request: CheckRequest, signal: AbortSignal): Promise<CheckedDesign> {
    return await this.#call('check', request, { signal }) as CheckedDesign
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  async #call(method: string, params?: unknown, { signal, onEvent }: { readonly signal?: AbortSignal, readonly onEvent?: (event: unknown) => void } = {}): Promise<unknown> {
    const node = await connectControl(this.address)
    const hangUp = (): void => node.close()
    signal?.addEventListener('abort', hangUp, { once: true })
    try {
      if (signal?.aborted === true) throw new ControlError('CONTROL_CONNECTION_LOST', 'the request was given up')
      return await node.call(method, params, onEvent)
    } finally {
      signal?.removeEventListener('abort', hangUp)
      node.close()
    }
  }
}
