import type { FastifyInstance } from 'fastify'

import type { Context } from '../context.js'
import type { ModelCard } from '../engine.js'
import { ApiError } from '../errors.js'

/** `/v1/models`: what can be asked for as `model`. */
export function modelRoutes(app: FastifyInstance, context: Context): void {
  const { engine } = context
  const cardOf = ({ id, aliases, adapter, isLoaded }: ModelCard): object => ({
    id,
    object: 'model',
    created: context.started,
    owned_by: 'meshwright',
    max_model_len: engine.context,
    meshwright: { adapter, aliases, loaded_by_client: isLoaded },
  })
  app.get('/v1/models', () => ({ object: 'list', data: engine.models().map(cardOf) }))
  // Names have slashes, which some clients encode and some do not.
  app.get<{ Params: { '*': string } }>('/v1/models/*', ({ params }) => {
    const found = engine.find(params['*'])
    if (!found) throw new ApiError(404, 'model_not_found', `there is no model ${JSON.stringify(params['*'])}: GET /v1/models lists them`, { param: 'model' })
    return cardOf(found)
  })
}
