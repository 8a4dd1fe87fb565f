import { parseParameters } from '../control/parameters.js'
import { chat, chatModels, chatSchema, check, checkSchema } from '../serving/chat.js'
import { openStandalone } from '../serving/standalone.js'
import { loadSettings } from '../settings/settings.js'
import type { Partner } from './partner.js'

/** The models of a data folder in which no node runs. It is held until the partner is closed. */
export async function openStandalonePartner(folder: string, checker: string | undefined): Promise<Partner> {
  const { service, close } = await openStandalone(await loadSettings(folder), checker)
  return {
    models: () => Promise.resolve(chatModels(service)),
    answer: async (request, { signal, onPart }) => chat(service, parseParameters(chatSchema, request), { signal, onEvent: onPart }),
    check: async (request, signal) => check(service, parseParameters(checkSchema, request), signal),
    close,
  }
}
