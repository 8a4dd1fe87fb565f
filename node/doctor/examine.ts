import { connectControl } from '../control/client.js'
import { controlAddress } from '../control/address.js'
import { codeOf } from '../control/errors.js'
import type { NodeStatus } from '../daemon/status.js'
import { examineApi } from './api.js'
import { examineFolder, examineIdentity } from './folder.js'
import { failure, ok } from './finding.js'
import type { Finding } from './finding.js'
import { examineMemory, examineNode } from './machine.js'
import { examineCheckers, examineModel } from './parts.js'
import { examineContacts, examineFailure, tryContacts } from './peers.js'
import { examinePorts } from './ports.js'
import { examineNetwork, examineSettings } from './settings.js'

/**
 * Examines everything that a node needs, whether it runs or not. It changes nothing: what does not exist is not made.
 *
 * @param report - called with each finding as soon as it is there
 */
export async function examine(folder: string, report: (finding: Finding) => void): Promise<void> {
  const tell = (findings: readonly Finding[]): void => {
    for (const finding of findings) report(finding)
  }
  tell([examineNode(), examineMemory()])
  const status = await statusOf(folder).catch((error: unknown) => {
    report(failure('running node', error, 'look at its log, and start it again'))
    return undefined
  })
  if (status !== undefined) report(ok('running node', `process ${status.processId}, ${status.stage}`))
  tell(await examineFolder(folder))
  const { findings: ofIdentity, identity } = await examineIdentity(folder)
  tell(ofIdentity)
  const { findings: ofSettings, settings } = await examineSettings(folder)
  tell(ofSettings)
  if (settings !== undefined) {
    const { findings: ofNetwork, network } = await examineNetwork(settings, identity?.peerId)
    tell(ofNetwork)
    const ports = await examinePorts(settings.transport.listen, status !== undefined)
    tell(ports)
    report(await examineApi(settings.api, status?.api))
    report(await examineModel(settings, network === undefined ? undefined : { ...network.config, id: network.id }))
    if (status !== undefined) tell(examineContacts(status))
    // With a port that is taken there is nothing to try.
    else if (network !== undefined && ports.every(({ grade }) => grade === 'ok')) {
      try {
        tell(examineContacts(await tryContacts(settings, network, identity)))
      } catch (error) {
        report(examineFailure(error))
      }
    }
  }
  tell(await examineCheckers())
}

/** Undefined where no node runs. */
async function statusOf(folder: string): Promise<NodeStatus | undefined> {
  try {
    const node = await connectControl(controlAddress(folder))
    try {
      return await node.call('status') as NodeStatus
    } finally {
      node.close()
    }
  } catch (error) {
    if (codeOf(error) === 'NODE_NOT_RUNNING') return undefined
    throw error
  }
}
