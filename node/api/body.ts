import { isUtf8 } from 'node:buffer'

import { ApiError } from './errors.js'

/** @throws ApiError invalid_utf8, invalid_json */
export function parseJson(body: Buffer): unknown {
  if (!isUtf8(body)) throw new ApiError(400, 'invalid_utf8', 'the request is no UTF-8: encode it as UTF-8')
  try {
    return JSON.parse(body.toString('utf8'))
  } catch (error) {
    throw new ApiError(400, 'invalid_json', `the request is no JSON: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
  }
}
