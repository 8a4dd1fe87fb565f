import { freemem, totalmem } from 'node:os'

import { bytesText } from '../terminal/numbers.js'
import { ok, problem, warning } from './finding.js'
import type { Finding } from './finding.js'

/** The oldest Node on which it is tested. */
const OLDEST_NODE = [20, 19] as const

/** What a node takes: its model twice (training, serving), a checker, the rest. Bytes. */
const WANTED_MEMORY = 1.5 * 2 ** 30

export function examineNode(version = process.versions.node): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [oldestMajor, oldestMinor] = OLDEST_NODE
  return major > oldestMajor || major === oldestMajor && minor >= oldestMinor
    ? ok('node', `Node ${version}`)
    : problem('node', `Node ${version} is too old`, `install Node ${OLDEST_NODE.join('.')} or newer`)
}

/** @param available - bytes that programs could get now */
export function examineMemory(available = availableMemory(), all = totalmem()): Finding {
  const found = `${bytesText(available)} of ${bytesText(all)} are free`
  return available >= WANTED_MEMORY
    ? ok('memory', found)
    : warning('memory', `${found}, and a node takes up to ${bytesText(WANTED_MEMORY)}`, 'close other programs, share checkers among nodes with `meshwright check`, or set training.threads to 1')
}

/** With what the system would give back, where Node can tell (since 20.13); containers have limits of their own. */
function availableMemory(): number {
  const available: unknown = Reflect.get(process, 'availableMemory')
  const bytes: unknown = typeof available === 'function' ? Reflect.apply(available, process, []) : undefined
  return typeof bytes === 'number' ? bytes : freemem()
}
