import { randomUUID } from 'node:crypto'
import { setMaxListeners } from 'node:events'
import type { Socket } from 'node:net'

import fastify from 'fastify'
import type { FastifyInstance } from 'fastify'

import type { NodeConfig } from '../../src/config/index.js'
import { createMetrics, MemoryAtRest } from '../../src/telemetry/index.js'
import type { Logger, Metrics } from '../../src/telemetry/index.js'
import { NodeError } from '../errors.js'

import { parseJson } from './body.js'
import { LIMITS } from './context.js'
import type { Context, Limits } from './context.js'
import type { Engine } from './engine.js'
import { ApiError, apiErrorOf, stoppingError } from './errors.js'
import { Places } from './places.js'
import { answerOrigin, checkHost, clientOf } from './guard.js'
import { ApiKeys } from './keys.js'
import { apiMetrics } from './metrics.js'
import { adapterRoutes } from './routes/adapters.js'
import { completionRoutes } from './routes/completions.js'
import { healthRoutes } from './routes/health.js'
import { modelRoutes } from './routes/models.js'

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks, as the queue knows it. */
    client: string
    /** Milliseconds; when the request's head was there. */
    begun: number
  }
}

export interface ApiOptions {
  readonly engine: Engine
  readonly settings: NodeConfig['api']
  readonly log: Logger
  readonly metrics?: Metrics
  readonly limits?: Partial<Limits>
}

export interface ApiServer {
  /** Where clients reach it, such as `http://127.0.0.1:4180/v1`. */
  readonly url: string
  close(): Promise<void>
}

/** Milliseconds for the last words to those who are served when the server stops. */
const FAREWELL = 2000

/** Where the server cannot listen, by what the system says. */
const UNUSABLE: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program listens there: stop it, or choose another api.port (0 for any free one)',
  EADDRNOTAVAIL: 'this machine does not have that address: write 127.0.0.1, or 0.0.0.0 for all of its addresses, under api.host',
  EACCES: 'this user may not listen there: choose an api.port above 1023',
  ENOTFOUND: 'there is no such host: write an address of this machine under api.host',
}

/**
 * Serves the models of a node as OpenAI's API does.
 *
 * @throws NodeError API_KEY_UNREADABLE, API_ADDRESS_UNUSABLE
 */
export async function serveApi({ engine, settings, log, metrics = createMetrics({ processMetrics: true }), limits: given }: ApiOptions): Promise<ApiServer> {
  const keys = settings.keyFile === undefined ? undefined : await ApiKeys.read(settings.keyFile)
  const limits = { ...LIMITS, ...given }
  const queue = new Places({ places: engine.concurrency, limit: settings.queueLimit })
  const stopping = new AbortController()
  // Every request hears of it.
  setMaxListeners(0, stopping.signal)
  const context: Context = {
    engine, queue, log, limits,
    metrics: apiMetrics(metrics, queue),
    stopping: stopping.signal,
    started: Math.floor(Date.now() / 1000),
  }
  const app = fastify({
    bodyLimit: settings.bodyLimitBytes,
    requestTimeout: limits.requestMs,
    http: { headersTimeout: limits.requestMs, connectionsCheckingInterval: Math.min(5000, limits.requestMs) },
    forceCloseConnections: true,
    genReqId: () => `req_${randomUUID()}`,
    routerOptions: { maxParamLength: 500 },
    clientErrorHandler: answerMalformed,
  })
  app.server.maxConnections = limits.connections
  const open = new Set<object>()
  const rest = new MemoryAtRest()
  guard(app, settings, { keys, context, open, rest })
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_, body, done) => {
    try {
      done(null, parseJson(body as Buffer))
    } catch (error) {
      done(error as Error)
    }
  })
  modelRoutes(app, context)
  completionRoutes(app, context)
  adapterRoutes(app, context)
  healthRoutes(app, context)

  try {
    await app.listen({ host: settings.host, port: settings.port })
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    throw new NodeError('API_ADDRESS_UNUSABLE', `the API cannot listen on ${settings.host}:${settings.port} (${code}): ${UNUSABLE[code] ?? 'choose another address under api.host and api.port'}`, { cause: error })
  }
  const { address, port, family } = app.server.address() as { address: string, port: number, family: string }
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${port}/v1`,
    close: async () => {
      stopping.abort()
      // Those who are being served hear of it; whoever does not listen is not waited for.
      const end = performance.now() + FAREWELL
      while (open.size > 0 && performance.now() < end) await new Promise((resolve) => { setTimeout(resolve, 10) })
      await app.close()
    },
  }
}

interface Guarded {
  readonly keys: ApiKeys | undefined
  readonly context: Context
  /** Requests that are not answered yet. */
  readonly open: Set<object>
  readonly rest: MemoryAtRest
}

function guard(app: FastifyInstance, { host, corsOrigins }: NodeConfig['api'], { keys, context, open, rest }: Guarded): void {
  const { metrics, log, limits, stopping } = context
  app.decorateRequest('client', '')
  app.decorateRequest('begun', 0)
  app.addHook('onRequest', (request, reply, done) => {
    request.begun = performance.now()
    reply.header('x-request-id', request.id)
    open.add(request)
    rest.busy()
    reply.raw.once('close', () => {
      open.delete(request)
      if (open.size === 0) rest.idle()
      metrics.request(request.routeOptions.url ?? 'unknown', reply.raw.writableFinished ? reply.raw.statusCode : 499, performance.now() - request.begun)
    })
    try {
      if (stopping.aborted) throw stoppingError()
      if (!keys) checkHost(request.headers.host, host)
      if (answerOrigin(request, reply, corsOrigins)) {
        void reply.code(204).send()
        return
      }
      request.client = clientOf(request, keys)
      done()
    } catch (error) {
      done(error as Error)
    }
  })
  // A reader that takes nothing of a whole answer must not keep it in memory; streams see to it themselves.
  app.addHook('onSend', (request, _, payload, done) => {
    request.raw.socket.setTimeout(limits.slowReaderMs)
    done(null, payload)
  })
  app.setErrorHandler((error, request, reply) => {
    const told = apiErrorOf(error, log)
    if (told.retryAfter !== undefined) reply.header('retry-after', told.retryAfter)
    // What is left of a request that is refused early is not read: it may be endless.
    if ([401, 403, 413].includes(told.status) || told.code === 'server_stopping') reply.header('connection', 'close')
    log.debug('a request was refused', { route: request.routeOptions.url ?? 'unknown', status: told.status, code: told.code })
    return reply.code(told.status).send(told.body)
  })
  app.setNotFoundHandler((request) => {
    const path = request.url.split('?')[0]!
    const other = (['GET', 'POST'] as const).find((method) => method !== request.method && app.hasRoute({ method, url: path }))
    throw other
      ? new ApiError(405, 'method_not_allowed', `${path.slice(0, 200)} takes ${other}, not ${request.method}`)
      : new ApiError(404, 'route_not_found', `there is no ${request.method} ${path.slice(0, 200)} here: docs/guides/api.md lists what there is`)
  })
}

/** For what is no HTTP, or does not come to an end. */
function answerMalformed(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const told = error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
    ? new ApiError(408, 'request_timed_out', 'the request did not arrive in time: send it faster, or shorten it')
    : error.code === 'HPE_HEADER_OVERFLOW'
      ? new ApiError(431, 'request_malformed', 'the request\'s headers are too large: shorten them')
      : new ApiError(400, 'request_malformed', `this is no HTTP request (${error.code ?? error.message})`)
  const body = JSON.stringify(told.body)
  const reason = { 400: 'Bad Request', 408: 'Request Timeout', 431: 'Request Header Fields Too Large' }[told.status] ?? 'Error'
  socket.end(`HTTP/1.1 ${told.status} ${reason}\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`)
}
