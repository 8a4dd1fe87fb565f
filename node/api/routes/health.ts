import type { FastifyInstance } from 'fastify'

import type { Context } from '../context.js'

/** `/health` for whoever starts and watches the server, `/metrics` for Prometheus. */
export function healthRoutes(app: FastifyInstance, { engine, metrics, queue }: Context): void {
  app.get('/health', (_, reply) => {
    const { loaded, problem } = engine.state()
    return reply.code(problem === undefined ? 200 : 503).send({
      status: problem === undefined ? 'ok' : 'failed',
      live: true,
      ready: problem === undefined,
      loaded,
      running: queue.running,
      waiting: queue.waiting,
      ...problem === undefined ? {} : { problem },
    })
  })
  app.get('/metrics', async (_, reply) => reply.type(metrics.contentType).send(await metrics.text()))
}
