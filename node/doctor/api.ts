import type { NodeConfig } from '../../src/config/index.js'

import { ApiKeys } from '../api/keys.js'
import type { ApiStanding } from '../serving/serve.js'
import { failure, ok, warning } from './finding.js'
import type { Finding } from './finding.js'
import { tryToListen } from './ports.js'

/**
 * Whether programs can use the models over HTTP.
 *
 * @param standing - of the running node; undefined where none runs
 */
export async function examineApi({ enabled, host, port, keyFile }: NodeConfig['api'], standing: ApiStanding | undefined): Promise<Finding> {
  if (standing?.url !== undefined) return ok('API', `the running node serves it at ${standing.url}`)
  if (standing?.problem !== undefined) return warning('API', standing.problem, 'mend that, and start the node again')
  if (!enabled) return ok('API', 'off')
  try {
    if (keyFile !== undefined) await ApiKeys.read(keyFile)
  } catch (error) {
    return failure('API', error, 'make the file, or leave api.keyFile out for an API of this machine only')
  }
  const address = `${host}:${port}`
  if (port === 0) return ok('API', `${host}, any free port`)
  const error = await tryToListen(host, port)
  return error === undefined ? ok('API', `${address} is free`) : warning('API', `nobody can listen on ${address} (${error}): the node would go on without its API`, 'choose another api.port, or 0 for any free one')
}
