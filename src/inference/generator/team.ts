import { commonLength } from '../../model/index.js'
import { InferenceError } from '../errors.js'
import { openGenerator } from './generator.js'
import type { GenerateOptions, Generator } from './generator.js'
import type { GenerationJob, GenerationResult, GeneratorLimits, GeneratorSetup, GeneratorStatistics, NamedAdapter } from './messages.js'

/** Up to so many texts cost a generator little more than one: only beyond does another thread help. */
const WORTH_ANOTHER = 4
/** A text goes to a generator that has read its beginning if that spares at least so many tokens, */
const WORTH_READ = 64
/** unless it has so many texts more than another one. */
const MOST_AHEAD = 4
/** Prompts of each generator by which that is told. */
const PROMPTS_KNOWN = 64

/** A generator and what it has to do. */
interface Member {
  readonly generator: Generator
  texts: number
  /** What it has read, the latest last. */
  prompts: readonly (readonly number[])[]
}

/**
 * Opens a generator that is several where many texts are asked for: further ones, each a thread with the model in its memory, are opened when there are texts enough,
 * and share them. What is written does not depend on who writes it.
 *
 * @param most - generators at most
 * @throws as `openGenerator`
 */
export async function openTeam(setup: GeneratorSetup, most: number, open: (setup: GeneratorSetup) => Promise<Generator> = openGenerator): Promise<Generator> {
  return new Team(await open(setup), most, () => open(setup))
}

class Team implements Generator {
  readonly #members: Member[]
  readonly #adapters = new Map<string, NamedAdapter>()
  #most: number
  /** What changes members or their models, one after another. */
  #control: Promise<unknown> = Promise.resolve()
  #isGrowing = false
  #isOver = false

  constructor(private readonly first: Generator, most: number, private readonly open: () => Promise<Generator>) {
    this.#members = [memberOf(first)]
    this.#most = most
  }

  get limits(): GeneratorLimits { return this.first.limits }

  load(name: string, adapter: NamedAdapter): Promise<void> {
    return this.#inTurn(async () => {
      await Promise.all(this.#members.map(({ generator }) => generator.load(name, adapter)))
      this.#adapters.set(name, adapter)
    })
  }

  unload(name: string): Promise<void> {
    return this.#inTurn(async () => {
      this.#adapters.delete(name)
      await Promise.all(this.#members.map(({ generator }) => generator.unload(name)))
    })
  }

  /** Drafts are for texts that are written alone, which the first generator does. */
  useCorpus(...corpus: Parameters<Generator['useCorpus']>): ReturnType<Generator['useCorpus']> {
    return this.first.useCorpus(...corpus)
  }

  useDraft(...draft: Parameters<Generator['useDraft']>): Promise<void> {
    return this.first.useDraft(...draft)
  }

  remember(...texts: Parameters<Generator['remember']>): void {
    this.first.remember(...texts)
  }

  async generate(job: GenerationJob, options?: GenerateOptions): Promise<GenerationResult> {
    const member = this.#choose(job.prompt)
    member.texts += 1
    member.prompts = [...member.prompts.slice(1 - PROMPTS_KNOWN), job.prompt]
    this.#grow()
    try {
      return await member.generator.generate(job, options)
    } catch (error) {
      if (error instanceof InferenceError && error.code === 'INFERENCE_WORKER_ENDED') this.#isOver = true
      throw error
    } finally {
      member.texts -= 1
      this.#closeIdle()
    }
  }

  async statistics(): Promise<GeneratorStatistics> {
    const [first, ...others] = await Promise.all(this.#members.map(({ generator }) => generator.statistics()))
    return others.reduce((sum, one) => ({
      running: sum.running + one.running, waiting: sum.waiting + one.waiting, batchSize: sum.batchSize + one.batchSize,
      prefixCacheBytes: sum.prefixCacheBytes + one.prefixCacheBytes,
      promptTokens: sum.promptTokens + one.promptTokens, cachedTokens: sum.cachedTokens + one.cachedTokens, outputTokens: sum.outputTokens + one.outputTokens,
      drafted: sum.drafted + one.drafted, accepted: sum.accepted + one.accepted, targetCalls: sum.targetCalls + one.targetCalls,
      speculation: { ...one.speculation, ...sum.speculation },
    }), first!)
  }

  async close(): Promise<void> {
    this.#isOver = true
    await this.#control
    await Promise.all(this.#members.map(({ generator }) => generator.close()))
  }

  /** Whoever uses a team of which one has ended opens a new one: of this one, each ends with its last text. */
  #closeIdle(): void {
    if (!this.#isOver) return
    for (const { generator, texts } of this.#members) if (texts === 0) void generator.close()
  }

  /** The generator with the fewest texts; the first one as long as it has few, and one that knows the prompt where that is worth it. */
  #choose(prompt: readonly number[]): Member {
    const [first] = this.#members
    if (this.#members.length === 1 || first!.texts < WORTH_ANOTHER) return first!
    const idlest = this.#members.reduce((least, one) => one.texts < least.texts ? one : least)
    const read = this.#members.map((member) => ({ member, tokens: knownOf(prompt, member.prompts) })).reduce((most, one) => one.tokens > most.tokens ? one : most)
    return read.tokens - knownOf(prompt, idlest.prompts) >= WORTH_READ && read.member.texts - idlest.texts < MOST_AHEAD ? read.member : idlest
  }

  #grow(): void {
    const texts = this.#members.reduce((sum, one) => sum + one.texts, 0)
    if (this.#isGrowing || this.#members.length >= this.#most || texts <= WORTH_ANOTHER * this.#members.length) return
    this.#isGrowing = true
    void this.#inTurn(async () => {
      if (this.#isOver) return
      const generator = await this.open()
      try {
        for (const [name, adapter] of this.#adapters) await generator.load(name, adapter)
      } catch (error) {
        await generator.close()
        throw error
      }
      this.#members.push(memberOf(generator))
      this.#closeIdle()
    }).catch(() => {
      // Where there is no memory for another one, those that there are go on.
      this.#most = this.#members.length
    }).finally(() => { this.#isGrowing = false })
  }

  #inTurn<T>(act: () => Promise<T>): Promise<T> {
    const result = this.#control.then(act)
    this.#control = result.catch(() => undefined)
    return result
  }
}

function memberOf(generator: Generator): Member {
  return { generator, texts: 0, prompts: [] }
}

/** Tokens of a prompt with which one of the others begins, too. */
function knownOf(prompt: readonly number[], others: readonly (readonly number[])[]): number {
  return others.reduce((most, other) => Math.max(most, commonLength(prompt, other)), 0)
}
