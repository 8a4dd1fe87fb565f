import { controlAddress } from '../control/address.js'
import { connectControl } from '../control/client.js'
import { codeOf } from '../control/errors.js'
import type { ChatAnswer, ChatInput, ChatModels, CheckRequest } from '../serving/chat.js'
import type { GenerateEvent } from '../serving/request.js'
import type { CheckedDesign } from '../../src/inference/index.js'
import { NodePartner } from './node-partner.js'

export interface AnswerHow {
  /** Ends the answer. */
  readonly signal: AbortSignal
  /** Sees it as it appears. */
  readonly onPart: (part: GenerateEvent) => void
}

/** Who answers in a conversation: the models of a running node, or those of a data folder. */
export interface Partner {
  models(): Promise<ChatModels>
  answer(request: ChatInput, how: AnswerHow): Promise<ChatAnswer>
  check(request: CheckRequest, signal: AbortSignal): Promise<CheckedDesign>
  close(): Promise<void>
}

/**
 * The node of a data folder where it runs, else what lies in the folder.
 *
 * @throws StoreError, ModelError and whatever else keeps the folder from being opened
 */
export async function openPartner(folder: string, checker: string | undefined): Promise<Partner> {
  const address = controlAddress(folder)
  const isRunning = await connectControl(address).then((node) => {
    node.close()
    return true
  }).catch((error: unknown) => {
    if (codeOf(error) === 'NODE_NOT_RUNNING') return false
    throw error
  })
  if (isRunning) return new NodePartner(address)
  const { openStandalonePartner } = await import('./standalone-partner.js')
  return openStandalonePartner(folder, checker)
}
