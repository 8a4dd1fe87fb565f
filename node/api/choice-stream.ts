import type { AnswerForm } from './answer.js'
import type { Written } from './engine.js'
import type { EventStream } from './event-stream.js'
import type { Plan } from './plan.js'

/** The chunks of a streamed answer: each choice is opened, goes on in pieces and ends, several of them in turns. */
export class ChoiceStream {
  /** Characters that were sent of each choice; absent before it is open. */
  readonly #sent = new Map<number, number>()

  /** @param head - what all chunks begin with */
  constructor(private readonly events: EventStream, private readonly form: AnswerForm, private readonly plan: Plan, private readonly head: object) {}

  piece(index: number, { text, logprobs = [] }: Pick<Written, 'text' | 'logprobs'>): void {
    const sent = this.#open(index)
    if (text === '' && logprobs.length === 0) return
    this.#send([this.form.piece(index, text, this.plan.logprobs ? logprobs : undefined, sent)])
    this.#sent.set(index, sent + text.length)
  }

  /** @param more - fields beside the choice */
  end(index: number, finish: Written['finish'], more: object): void {
    this.#open(index)
    this.#send([this.form.end(index, finish)], more)
  }

  usage(usage: object): void {
    this.#send([], { usage })
  }

  #open(index: number): number {
    const sent = this.#sent.get(index)
    if (sent !== undefined) return sent
    const echo = this.plan.echoes[Math.floor(index / this.plan.jobsPerPrompt)]!
    this.#sent.set(index, echo.length)
    const opening = this.form.opening(index, echo)
    if (opening) this.#send([opening])
    return echo.length
  }

  #send(choices: readonly object[], more: object = {}): void {
    // Where usage is told at the end, it is null until then.
    this.events.send({ ...this.head, choices, ...this.plan.includeUsage ? { usage: null } : {}, ...more })
  }
}
