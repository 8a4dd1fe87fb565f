import type { Logger } from '../../src/telemetry/index.js'

import { codeOf, messageOf } from '../control/errors.js'

/** `error.code` of an answer: as OpenAI's where they have one for it. docs/guides/api.md lists them. */
export type ApiErrorCode
  = | 'adapter_invalid'
    | 'adapter_not_found'
    | 'adapters_closed'
    | 'body_too_large'
    | 'context_length_exceeded'
    | 'host_not_allowed'
    | 'invalid_api_key'
    | 'invalid_json'
    | 'invalid_utf8'
    | 'invalid_value'
    | 'media_type_unsupported'
    | 'method_not_allowed'
    | 'model_failed'
    | 'model_not_found'
    | 'origin_not_allowed'
    | 'queue_full'
    | 'request_malformed'
    | 'request_timed_out'
    | 'response_format_unmet'
    | 'route_not_found'
    | 'server_error'
    | 'server_stopping'
    | 'unsupported'

export interface ApiErrorOptions extends ErrorOptions {
  /** The field of the request that is to blame. */
  readonly param?: string
  /** Seconds after which the client may try again. */
  readonly retryAfter?: number
}

/** A request that is not answered, in the words of OpenAI's API. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly param: string | undefined
  readonly retryAfter: number | undefined

  constructor(readonly status: number, readonly code: ApiErrorCode, message: string, { param, retryAfter, ...options }: ApiErrorOptions = {}) {
    super(message, options)
    this.param = param
    this.retryAfter = retryAfter
  }

  /** The body of the answer. */
  get body(): { readonly error: { readonly message: string, readonly type: string, readonly param: string | null, readonly code: string } } {
    return { error: { message: this.message, type: typeOf(this.status), param: this.param ?? null, code: this.code } }
  }
}

export function invalid(param: string, message: string): ApiError {
  return new ApiError(400, 'invalid_value', `${param}: ${message}`, { param })
}

export function unsupported(param: string, message: string): ApiError {
  return new ApiError(400, 'unsupported', `${param}: ${message}`, { param })
}

export function stoppingError(options: ApiErrorOptions = {}): ApiError {
  return new ApiError(503, 'server_stopping', 'the server is being stopped: try again later', options)
}

function typeOf(status: number): string {
  if (status === 401) return 'authentication_error'
  if (status === 403) return 'permission_error'
  if (status === 429) return 'rate_limit_error'
  return status < 500 ? 'invalid_request_error' : 'server_error'
}

/** Statuses and codes of what the HTTP server itself refuses. */
const REFUSED: Readonly<Record<string, readonly [number, ApiErrorCode, string]>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: [413, 'body_too_large', 'the request is larger than this server takes: shorten it, or raise api.bodyLimitBytes'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: [415, 'media_type_unsupported', 'send JSON, with the header "Content-Type: application/json"'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: [400, 'request_malformed', 'the request\'s length is not what its header Content-Length says'],
  FST_ERR_CTP_EMPTY_JSON_BODY: [400, 'invalid_json', 'the request has no body: send a JSON object'],
}

/** Errors of our rooms that a client can mend. */
const BY_CODE: Readonly<Record<string, readonly [number, ApiErrorCode, string?]>> = {
  INFERENCE_PROMPT_TOO_LONG: [400, 'context_length_exceeded', 'messages'],
  INFERENCE_PROMPT_EMPTY: [400, 'invalid_value', 'prompt'],
  INFERENCE_SAMPLING_INVALID: [400, 'invalid_value'],
  INFERENCE_ADAPTER_UNKNOWN: [404, 'model_not_found', 'model'],
  INFERENCE_TESTBENCH_INVALID: [400, 'invalid_value', 'meshwright.testbench'],
  INFERENCE_TESTBENCH_NOT_RUN: [400, 'unsupported', 'meshwright.testbench'],
  INFERENCE_LOGITS_NOT_FINITE: [500, 'model_failed', 'model'],
  INFERENCE_WORKER_ENDED: [503, 'model_failed'],
  MODEL_CHAT_TEMPLATE: [400, 'invalid_value', 'messages'],
  MODEL_ADAPTER_SETTINGS: [400, 'adapter_invalid', 'lora_path'],
  USAGE_INVALID: [400, 'invalid_value'],
  CHECKER_BUSY: [503, 'server_error'],
  CHECKER_UNREACHABLE: [503, 'server_error'],
  CHECKER_REQUEST_INVALID: [400, 'invalid_value', 'meshwright'],
}

/** What a client is told of anything that went wrong. What nobody foresaw goes to the log, and the client hears of it without details. */
export function apiErrorOf(error: unknown, log: Logger): ApiError {
  if (error instanceof ApiError) return error
  const code = codeOf(error)
  // The client went away within its request: nobody hears this.
  if (code === 'ECONNRESET') return new ApiError(400, 'request_malformed', 'the request broke off', { cause: error })
  const refused = REFUSED[code]
  if (refused) return new ApiError(refused[0], refused[1], refused[2], { cause: error })
  const known = BY_CODE[code] ?? (/^(?:PEFT|SAFETENSORS|ADAPTER)_/.test(code) ? [400, 'adapter_invalid', 'lora_path'] as const : undefined)
  if (known) return new ApiError(known[0], known[1], messageOf(error), { cause: error, ...known[2] === undefined ? {} : { param: known[2] } })
  if (code.startsWith('FST_') && statusOf(error) < 500) return new ApiError(statusOf(error), 'request_malformed', messageOf(error), { cause: error })
  log.error('a request of the API failed', { error })
  return new ApiError(500, 'server_error', 'the server failed: its log says why', { cause: error })
}

function statusOf(error: unknown): number {
  return error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : 500
}
