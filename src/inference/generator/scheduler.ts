import type { TextPart } from '../../model/index.js'
import type { Call } from '../decoding/writing.js'
import type { LoadedModel } from './loaded-model.js'
import type { GenerationPart } from './messages.js'
import type { TextRun } from './text-run.js'

/** Tokens of prompts that are read between two steps of the texts that are being written. */
const PROMPT_PART = 256

export interface SchedulerEvents {
  /** A run is about to read its prompt. */
  readonly begin: (run: TextRun) => void
  /** A run has read its prompt. */
  readonly read: (run: TextRun) => void
  readonly part: (run: TextRun, part: GenerationPart) => void
  /** A run has left; its text is still open. */
  readonly end: (run: TextRun) => Promise<void>
  readonly fail: (run: TextRun, error: unknown) => Promise<void>
  /** So many texts were continued in one call. */
  readonly step: (texts: number) => void
}

/** Decides whose turn it is: models take turns step by step, and all texts of a model are continued together in each of its steps. */
export class Scheduler {
  /** The model whose turn it is comes first; and so among its prompts. */
  readonly #models: LoadedModel[] = []
  readonly #runs = new Map<LoadedModel, TextRun[]>()
  readonly #begun = new WeakSet<TextRun>()

  constructor(private readonly events: SchedulerEvents) {}

  get size(): number {
    let size = 0
    for (const runs of this.#runs.values()) size += runs.length
    return size
  }

  all(): TextRun[] {
    return [...this.#runs.values()].flat()
  }

  add(run: TextRun): void {
    const runs = this.#runs.get(run.model)
    if (runs) runs.push(run)
    else {
      this.#runs.set(run.model, [run])
      this.#models.push(run.model)
    }
  }

  /** One step of the model whose turn it is. */
  async step(): Promise<void> {
    const model = this.#models.shift()
    if (!model) return
    this.#models.push(model)
    const runs = (): readonly TextRun[] => this.#runs.get(model) ?? []
    await this.#read(runs)
    await this.#write(model, runs().filter((run) => this.#begun.has(run) && run.unread === 0))
  }

  /** Lets cancelled runs go. */
  async sweep(): Promise<void> {
    for (const run of this.all()) if (run.isCancelled) await this.#leave(run, () => this.events.end(run))
  }

  /** Reads some of the prompts, so that a long one does not hold up those who write. */
  async #read(runs: () => readonly TextRun[]): Promise<void> {
    for (let left = PROMPT_PART; left > 0;) {
      const run = runs().find((one) => !one.isCancelled && (!this.#begun.has(one) || one.unread > 0))
      if (!run) return
      try {
        if (!this.#begun.has(run)) {
          this.#begun.add(run)
          this.events.begin(run)
        }
        while (left > 0 && run.unread > 0 && !run.isCancelled) left -= await this.#readBlock(run)
        if (run.unread > 0) this.#toTheEnd(run)
        else {
          run.prompted()
          this.events.read(run)
        }
      } catch (error) {
        await this.#leave(run, () => this.events.fail(run, error))
      }
    }
  }

  /** Reads to the end of a block, or of the prompt. */
  async #readBlock({ job, model: { session }, text, unread }: TextRun): Promise<number> {
    const count = Math.min(session.room(text), unread)
    const from = session.length(text)
    await session.read({ text, ids: job.prompt.slice(from, from + count) })
    return count
  }

  async #write({ session }: LoadedModel, runs: readonly TextRun[]): Promise<void> {
    const writing = runs.filter((run) => !run.isCancelled)
    for (const run of writing.filter(({ isOver }) => isOver)) await this.#leave(run, () => this.events.end(run))
    const ready = writing.filter(({ isOver }) => !isOver)
    if (ready.length === 1) return this.#writeAlone(ready[0]!)
    if (ready.length === 0) return
    const calls = ready.map((run) => run.writing.sharedCall())
    const parts: TextPart[] = ready.map(({ text }, i) => ({ text, ids: calls[i]!.ids }))
    let answers: readonly (Int32Array | Float32Array)[]
    try {
      answers = ready.every((run) => run.writing.isGreedy)
        ? Array.from(await session.forwardGreedy(parts), (id) => Int32Array.of(id))
        : await session.forward(parts)
    } catch {
      // Whatever one of them has that the session refuses, the others go on.
      for (const run of ready) await this.#writeAlone(run)
      return
    }
    this.events.step(ready.length)
    for (const [i, run] of ready.entries()) await this.#settle(run, calls[i]!, answers[i]!)
  }

  async #writeAlone(run: TextRun): Promise<void> {
    const { writing, text, model: { session } } = run
    try {
      const call = await writing.call(session.exactRoom(text))
      const part = { text, ids: call.ids }
      if (writing.wantsHidden) {
        const { predictions, hidden } = await session.forwardDescribed(part, writing.isGreedy ? 'next' : 'logits')
        this.events.step(1)
        await this.#settle(run, call, predictions, hidden)
        return
      }
      const answer = writing.isGreedy ? await session.forwardGreedyEach(part) : await session.forwardEach(part)
      this.events.step(1)
      await this.#settle(run, call, answer)
    } catch (error) {
      await this.#leave(run, () => this.events.fail(run, error))
    }
  }

  async #settle(run: TextRun, call: Call, answer: Int32Array | Float32Array, hidden?: Float32Array): Promise<void> {
    try {
      const part = run.settle(call, answer, hidden)
      if (part) this.events.part(run, part)
    } catch (error) {
      await this.#leave(run, () => this.events.fail(run, error))
      return
    }
    if (run.isOver) await this.#leave(run, () => this.events.end(run))
  }

  async #leave(run: TextRun, then: () => Promise<void>): Promise<void> {
    const runs = this.#runs.get(run.model)?.filter((one) => one !== run) ?? []
    if (runs.length > 0) this.#runs.set(run.model, runs)
    else {
      this.#runs.delete(run.model)
      this.#models.splice(this.#models.indexOf(run.model), 1)
    }
    await then()
  }

  #toTheEnd(run: TextRun): void {
    const runs = this.#runs.get(run.model)!
    runs.push(...runs.splice(runs.indexOf(run), 1))
  }
}
