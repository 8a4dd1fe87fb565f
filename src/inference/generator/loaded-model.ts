import { BatchDecodeSession, adapterLayout, type CacheMemory, type Checkpoint } from '../../model/index.js'
import { InUse } from './in-use.js'
import type { GeneratorSetup, NamedAdapter } from './messages.js'
import type { PrefixRoot } from './prefix-index.js'

/** Keys and values of a block of a text. */
export type Block = Float32Array

/** The base with one adapter merged into it, or alone; it is released when it was replaced and nothing is written with it any more. */
export class LoadedModel extends InUse {
  private constructor(readonly name: string, readonly session: BatchDecodeSession, readonly prefixes: PrefixRoot<Block>) {
    super(() => session.release())
  }

  /** @throws ModelError MODEL_ADAPTER_LENGTH, MODEL_SESSION_FAILED */
  static async load(
    name: string, checkpoint: Checkpoint, { quantization, threads }: GeneratorSetup, limits: { readonly maximumLength: number, readonly maximumTexts: number },
    memory: CacheMemory, prefixes: PrefixRoot<Block>, adapter: NamedAdapter | undefined,
  ): Promise<LoadedModel> {
    const session = await BatchDecodeSession.create(checkpoint, {
      quantization, threads, memory, ...limits,
      ...(adapter ? { layout: adapterLayout(checkpoint.config, adapter.settings), adapter: adapter.values } : {}),
    })
    return new LoadedModel(name, session, prefixes)
  }
}
