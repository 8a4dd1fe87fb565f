import { controlAddress } from '../control/address.js'
import { connectControl } from '../control/client.js'
import type { ControlClient } from '../control/client.js'
import { dataFolderOf } from '../settings/settings.js'

/** Runs something with a connection to the node of a data folder. @throws ControlError NODE_NOT_RUNNING */
export async function withNode<T>(data: string | undefined, act: (node: ControlClient) => Promise<T>): Promise<T> {
  const node = await connectControl(controlAddress(dataFolderOf(data)))
  try {
    return await act(node)
  } finally {
    node.close()
  }
}
