import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/**
 * A full garbage collection. Each tool run leaves an instance with megabytes of memory behind, and V8, which sees only a small object,
 * is in no hurry to collect it. It can only do so between tasks of the event loop.
 */
export function garbageCollector(): () => void {
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('gc')
  return typeof collect === 'function' ? () => { Reflect.apply(collect, undefined, []) } : () => undefined
}
