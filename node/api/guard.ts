import type { FastifyReply, FastifyRequest } from 'fastify'

import { ApiError } from './errors.js'
import type { ApiKeys } from './keys.js'

/** Open to anyone who reaches the server: whether it is alive is no secret. */
const OPEN = new Set(['/health'])
/** Seconds for which a browser remembers what it may do. */
const PREFLIGHT_SECONDS = 600

/**
 * Without a key, only requests that name this machine are answered: a web page could otherwise have its own name lead here (DNS rebinding).
 *
 * @param listening - the host of the settings, which is a loopback one
 * @throws ApiError host_not_allowed
 */
export function checkHost(host: string | undefined, listening: string): void {
  const name = /^(\[[^\]]*\]|[^:]*)(?::\d*)?$/.exec((host ?? '').toLowerCase())?.[1]?.replace(/^\[(.*)\]$/, '$1')
  if (name === 'localhost' || name === '::1' || name === listening.toLowerCase() || /^127\.\d+\.\d+\.\d+$/.test(name ?? '')) return
  throw new ApiError(403, 'host_not_allowed', `this server answers for localhost only, and was asked as ${JSON.stringify(host ?? '')}: use http://127.0.0.1, or set api.keyFile`)
}

/**
 * Who asks: clients have places in turn.
 *
 * @throws ApiError invalid_api_key
 */
export function clientOf(request: FastifyRequest, keys: ApiKeys | undefined): string {
  if (!keys) return request.ip
  const client = keys.clientOf(request.headers.authorization)
  if (client !== undefined) return client
  if (OPEN.has(request.url.split('?')[0]!)) return 'anyone'
  throw new ApiError(401, 'invalid_api_key', request.headers.authorization === undefined
    ? 'this server asks for an API key: send it in the header "Authorization: Bearer <key>"'
    : 'this is no key of this server: its keys are in the file of api.keyFile')
}

/**
 * Lets the pages of some origins in; browsers keep all others out as long as nothing tells them otherwise.
 *
 * @returns whether the request was one of a browser that only asks whether it may
 * @throws ApiError origin_not_allowed
 */
export function answerOrigin(request: FastifyRequest, reply: FastifyReply, origins: readonly string[]): boolean {
  const { origin } = request.headers
  const isAsked = request.method === 'OPTIONS' && request.headers['access-control-request-method'] !== undefined
  if (origins.length > 0) reply.header('vary', 'Origin')
  if (origin === undefined || !origins.includes(origin)) {
    if (isAsked) throw new ApiError(403, 'origin_not_allowed', `pages from ${JSON.stringify(origin ?? '')} may not use this server: add the origin to api.corsOrigins`)
    return false
  }
  reply.header('access-control-allow-origin', origin)
  reply.header('access-control-expose-headers', 'x-request-id, retry-after')
  if (!isAsked) return false
  reply.header('access-control-allow-methods', 'GET, POST, OPTIONS')
  reply.header('access-control-allow-headers', request.headers['access-control-request-headers'] ?? 'authorization, content-type')
  reply.header('access-control-max-age', PREFLIGHT_SECONDS)
  return true
}
