import { createHash } from 'node:crypto'
import os from 'node:os'
import path from 'node:path'

/** The longest path of a Unix domain socket on macOS; Linux allows four more. */
const LONGEST_SOCKET_PATH = 103

/** Where a running node takes commands: a socket that belongs to its data folder and to its user. */
export function controlAddress(dataFolder: string): string {
  const folder = path.resolve(dataFolder)
  const name = createHash('sha256').update(folder).digest('hex').slice(0, 16)
  if (process.platform === 'win32') return `\\\\.\\pipe\\meshwright-${name}`
  const beside = path.join(folder, 'control.sock')
  return beside.length <= LONGEST_SOCKET_PATH ? beside : path.join(os.tmpdir(), `meshwright-${name}.sock`)
}
