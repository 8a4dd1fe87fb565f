import type { FastifyInstance } from 'fastify'

import type { Context } from '../context.js'
import { ApiError } from '../errors.js'
import { parseBody } from '../fields.js'
import { loadSchema, unloadSchema } from '../requests.js'

/** Adapters that come and go while the server runs, as vLLM has them. */
export function adapterRoutes(app: FastifyInstance, { engine, limits, log }: Context): void {
  // One at a time: two under one name must not both find it free.
  let last: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(act: () => Promise<T>): Promise<T> => {
    const next = last.then(act, act)
    last = next.catch(() => undefined)
    return next
  }

  app.post('/v1/load_lora_adapter', (request, reply) => {
    const { lora_name: name, lora_path: folder } = parseBody(loadSchema, request.body)
    return inTurn(async () => {
      if (engine.find(name)) throw new ApiError(400, 'adapter_invalid', `there is a model ${name} already: unload it first, or choose another name`, { param: 'lora_name' })
      if (engine.models().filter(({ isLoaded }) => isLoaded).length >= limits.adapters) {
        throw new ApiError(400, 'adapter_invalid', `${limits.adapters} adapters are loaded, and each takes the memory of a model: unload one first`, { param: 'lora_name' })
      }
      await engine.load(name, folder)
      log.info('an adapter was loaded', { adapter: name })
      return reply.type('text/plain; charset=utf-8').send(`Success: LoRA adapter '${name}' added successfully.`)
    })
  })

  app.post('/v1/unload_lora_adapter', (request, reply) => {
    const { lora_name: name } = parseBody(unloadSchema, request.body)
    return inTurn(async () => {
      if (engine.find(name)?.isLoaded !== true) throw new ApiError(404, 'adapter_not_found', `no adapter ${name} was loaded: GET /v1/models lists what there is`, { param: 'lora_name' })
      await engine.unload(name)
      log.info('an adapter was unloaded', { adapter: name })
      return reply.type('text/plain; charset=utf-8').send(`Success: LoRA adapter '${name}' removed successfully.`)
    })
  })
}
