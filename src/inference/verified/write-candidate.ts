import { performance } from 'node:perf_hooks'

import type { Domain } from '../../quality/index.js'
import { InferenceError } from '../errors.js'
import type { Generator } from '../generator/generator.js'
import type { GenerationJob, GenerationPart, GenerationResult } from '../generator/messages.js'
import { EarlyStop } from './early-stop.js'

export interface Written {
  readonly generation: GenerationResult
  /** Why it was stopped before its end: nothing could have made it right. */
  readonly hopeless?: string
}

/**
 * Writes one design. Where `watched` names a language, it ends as soon as nothing can make the text a design of it any more.
 *
 * @throws what `Generator.generate` throws
 */
export async function writeCandidate(generator: Generator, job: GenerationJob, watched: Domain | undefined, { signal, onPart }: { readonly signal: AbortSignal, readonly onPart?: (part: GenerationPart) => void }): Promise<Written> {
  if (watched === undefined) return { generation: await generator.generate(job, { signal, ...onPart ? { onPart } : {} }) }
  const begun = performance.now()
  const watch = new EarlyStop(watched)
  const stop = new AbortController()
  const parts: GenerationPart[] = []
  try {
    const generation = await generator.generate(job, {
      signal: AbortSignal.any([signal, stop.signal]),
      onPart(part) {
        if (stop.signal.aborted) return
        parts.push(part)
        onPart?.(part)
        if (watch.push(part.text)) stop.abort()
      },
    })
    return { generation }
  } catch (error) {
    if (watch.reason === undefined || signal.aborted || !(error instanceof InferenceError) || error.code !== 'INFERENCE_ABORTED') throw error
    return { generation: stopped(job, parts, performance.now() - begun), hopeless: watch.reason }
  }
}

/** What an output came to that was stopped from here. */
function stopped({ prompt }: GenerationJob, parts: readonly GenerationPart[], milliseconds: number): GenerationResult {
  const sum = (of: (part: GenerationPart) => number): number => parts.reduce((total, part) => total + of(part), 0)
  const accepted = sum((part) => part.accepted)
  return {
    text: parts.map(({ text }) => text).join(''),
    ids: parts.flatMap(({ ids }) => ids),
    finish: 'stop',
    tokens: sum(({ tokens }) => tokens),
    accepted,
    // Drafted tokens that were refused are not told.
    drafted: accepted,
    targetCalls: parts.length,
    promptMilliseconds: 0,
    decodeMilliseconds: milliseconds,
    promptTokens: prompt.length,
    cachedTokens: 0,
  }
}
