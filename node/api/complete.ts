import { randomUUID } from 'node:crypto'

import type { FastifyReply } from 'fastify'

import type { AnswerForm } from './answer.js'
import { ChoiceStream } from './choice-stream.js'
import type { Context } from './context.js'
import type { Written } from './engine.js'
import { apiErrorOf, stoppingError } from './errors.js'
import { EventStream } from './event-stream.js'
import { meanLogprob } from './logprobs.js'
import { isVerified } from './plan.js'
import type { Plan } from './plan.js'
import { meshwrightOf, usageOf } from './usage.js'
import { writeAll } from './write-all.js'

/** Milliseconds between signs of life in a stream that waits. */
const SIGN_OF_LIFE = 10_000

/**
 * Writes what a plan asks for and answers with it, whole or in chunks.
 *
 * @returns undefined where the answer was streamed
 * @throws ApiError, and what the engine throws, while nothing was sent yet
 */
export async function complete(plan: Plan, form: AnswerForm, reply: FastifyReply, context: Context): Promise<object | undefined> {
  const call: Call = { plan, form, reply, context, work: new AbortController(), isGone: false }
  const stop = (): void => call.work.abort()
  reply.raw.once('close', () => leave(call))
  context.stopping.addEventListener('abort', stop)
  const head = { id: `${form.idPrefix}${randomUUID()}`, created: Math.floor(Date.now() / 1000), model: plan.model.id, system_fingerprint: `fp_${context.engine.fingerprint.slice(0, 12)}` }
  try {
    if (!plan.stream) return await whole(call, { ...head, object: form.object })
    await streamed(call, { ...head, object: form.chunkObject })
    return undefined
  } catch (error) {
    if (call.isGone) return undefined
    throw context.stopping.aborted ? stoppingError({ cause: error }) : error
  } finally {
    context.stopping.removeEventListener('abort', stop)
  }
}

interface Call {
  readonly plan: Plan
  readonly form: AnswerForm
  readonly reply: FastifyReply
  readonly context: Context
  readonly work: AbortController
  /** Whether nobody is there any more to answer to. */
  isGone: boolean
}

function leave(call: Call): void {
  call.isGone = true
  call.work.abort()
}

async function whole({ plan, form, work, context }: Call, head: object): Promise<object> {
  const written = await writeAll(plan.jobs, { ...context, work })
  const choices = plan.echoes.flatMap((echo, at) => {
    const ofPrompt = written.slice(at * plan.jobsPerPrompt, (at + 1) * plan.jobsPerPrompt)
    const best = plan.jobsPerPrompt > plan.choicesPerPrompt ? ofPrompt.toSorted((x, y) => meanLogprob(y) - meanLogprob(x)).slice(0, plan.choicesPerPrompt) : ofPrompt
    return best.map((one) => ({ ...one, text: echo + one.text }))
  })
  for (const { text } of choices) plan.check?.(text)
  return {
    ...head,
    choices: choices.map(({ text, finish, logprobs }, index) => form.choice(index, text, finish, plan.logprobs ? logprobs ?? [] : undefined)),
    usage: usageOf(plan, written),
    meshwright: meshwrightOf(plan, written),
  }
}

async function streamed(call: Call, head: object): Promise<void> {
  const { plan, form, reply, work, context } = call
  const events = new EventStream(reply, context.limits.slowReaderMs, () => leave(call))
  const choices = new ChoiceStream(events, form, plan, head)
  const alive = setInterval(() => events.comment('waiting'), SIGN_OF_LIFE)
  // What is checked or chosen as a whole cannot be shown before it is whole.
  const held = plan.check !== undefined || plan.jobs.some((job) => isVerified(job) && job.samples !== 1)
  const finished: Written[] = []
  try {
    const written = await writeAll(plan.jobs, {
      ...context, work,
      ...held ? {} : { onPart: (index, part) => choices.piece(index, part) },
      onWritten: (index, one) => {
        if (held) {
          plan.check?.(one.text)
          choices.piece(index, one)
        }
        finished.push(one)
        // The last choice to end has the figures of all.
        choices.end(index, one.finish, finished.length === plan.jobs.length ? { meshwright: meshwrightOf(plan, finished) } : {})
      },
    })
    if (plan.includeUsage) choices.usage(usageOf(plan, written))
    events.end()
  } catch (error) {
    if (!events.isOpen || call.isGone) throw error
    const told = context.stopping.aborted ? stoppingError() : apiErrorOf(error, context.log)
    events.send(told.body)
    events.end()
  } finally {
    clearInterval(alive)
  }
}
