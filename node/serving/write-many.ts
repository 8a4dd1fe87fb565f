import { setMaxListeners } from 'node:events'

import { GREEDY, openGenerator } from '../../src/inference/index.js'
import type { NamedAdapter } from '../../src/inference/index.js'
import { messageOf } from '../control/errors.js'
import { NodeError } from '../errors.js'

/** Designs for many specifications. */
export interface WriteManyJob {
  readonly checkpoint: string
  readonly threads: number
  readonly prompts: readonly (readonly number[])[]
  readonly maximumTokens: number
  /** The base alone where absent. */
  readonly adapter?: NamedAdapter
}

/** The adapter's name in a generator that has one alone. */
const ADAPTER = 'adapter'

/**
 * Writes one design a prompt, greedily and side by side, with a model of its own that is closed afterwards.
 *
 * @param onWritten - called as designs are finished, in any order
 * @throws NodeError EVALUATION_FAILED
 */
export async function writeMany(
  { checkpoint, threads, prompts, maximumTokens, adapter }: WriteManyJob, { signal, onWritten }: { readonly signal?: AbortSignal, readonly onWritten?: (index: number, text: string) => void } = {},
): Promise<string[]> {
  if (prompts.length === 0) return []
  // One that fails ends the others.
  const failed = new AbortController()
  const ending = signal ? AbortSignal.any([signal, failed.signal]) : failed.signal
  // Every prompt hears of it.
  setMaxListeners(0, ending)
  const fail = (error: unknown): never => {
    failed.abort()
    throw new NodeError('EVALUATION_FAILED', `designs could not be written: ${signal?.aborted === true ? 'stopped' : messageOf(error)}`, { cause: error })
  }
  const maximumLength = Math.max(...prompts.map((prompt) => prompt.length)) + maximumTokens
  const generator = await openGenerator({ checkpoint, quantization: 'q8', threads, maximumLength, prefixCacheBytes: 0 }).catch(fail)
  try {
    if (adapter) await generator.load(ADAPTER, adapter)
    return await Promise.all(prompts.map(async (prompt, index) => {
      const { text } = await generator.generate({ prompt, maximumTokens, stop: [], sampling: GREEDY, draft: 'none', ...adapter ? { adapter: ADAPTER } : {} }, { signal: ending })
      onWritten?.(index, text)
      return text
    }))
  } catch (error) {
    return fail(error)
  } finally {
    await generator.close()
  }
}
