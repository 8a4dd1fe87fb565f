/** The thread that writes: it holds the base with one merged decode session per adapter, and the drafts. */
import { parentPort, workerData } from 'node:worker_threads'

import { adapterLayout, DecodeSession, loadCheckpoint } from '../../model/index.js'
import { decode } from '../decoding/decode.js'
import { DraftLength } from '../decoding/draft-length.js'
import { SpeculationSwitch } from '../decoding/speculation-switch.js'
import { combinedDraft } from '../drafts/combined-draft.js'
import { corpusDraft } from '../drafts/corpus-draft.js'
import type { Draft } from '../drafts/draft.js'
import { lookupDraft } from '../drafts/lookup-draft.js'
import { InferenceError } from '../errors.js'
import type { GenerationJob, GenerationResult, GeneratorSetup, NamedAdapter, Request, Response } from './messages.js'
import { StopText } from './stop-text.js'
import { TextStream } from './text-stream.js'

/** Name of the session without an adapter. */
const BASE = ''

const port = parentPort!
const setup = workerData as GeneratorSetup
const checkpoint = await loadCheckpoint(setup.checkpoint)
const sessions = new Map<string, DecodeSession>()
/** What is known of each pair of an adapter and a draft. */
const controls = new Map<string, { readonly draftLength: DraftLength, readonly speculation: SpeculationSwitch }>()
const running = new Map<number, AbortController>()
let personal: Draft = lookupDraft
/** Jobs run one after another: a session has one cache, and two at once would only share the same cores. */
let queue: Promise<void> = Promise.resolve()

const answer = (response: Response): void => port.postMessage(response)

port.on('message', (request: Request) => {
  if (request.type === 'close') {
    for (const job of running.values()) job.abort()
    // The thread ends by itself once nothing runs: ended within a run of ONNX Runtime it would take the process with it.
    void queue.finally(() => port.close())
    return
  }
  if (request.type === 'cancel') {
    running.get(request.id)?.abort()
    return
  }
  if (request.type === 'generate') running.set(request.id, new AbortController())
  queue = queue.then(() => serve(request)).catch((error: unknown) => {
    const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'INFERENCE_WORKER_ENDED'
    answer({ type: 'failed', id: request.id, code, message: error instanceof Error ? error.message : String(error) })
  }).finally(() => running.delete(request.id))
})
answer({ type: 'done', id: 0 })

async function serve(request: Exclude<Request, { type: 'cancel' | 'close' }>): Promise<void> {
  if (request.type === 'generate') {
    answer({ type: 'done', id: request.id, result: await generate(request.id, request.job) })
    return
  }
  if (request.type === 'load') await load(request.name, request.adapter)
  if (request.type === 'unload') await unload(request.name)
  if (request.type === 'corpus') personal = combinedDraft([corpusDraft(request.documents), lookupDraft])
  answer({ type: 'done', id: request.id })
}

async function load(name: string, adapter?: NamedAdapter): Promise<DecodeSession> {
  await unload(name)
  const session = await DecodeSession.create(checkpoint, {
    quantization: setup.quantization,
    threads: setup.threads,
    maximumLength: Math.min(setup.maximumLength, checkpoint.config.maximumPositions),
    ...(adapter ? { layout: adapterLayout(checkpoint.config, adapter.settings), adapter: adapter.values } : {}),
  })
  sessions.set(name, session)
  return session
}

async function unload(name: string): Promise<void> {
  await sessions.get(name)?.release()
  sessions.delete(name)
}

async function generate(id: number, job: GenerationJob): Promise<GenerationResult> {
  const name = job.adapter ?? BASE
  const session = sessions.get(name) ?? (name === BASE ? await load(BASE) : undefined)
  if (!session) throw new InferenceError('INFERENCE_ADAPTER_UNKNOWN', `no adapter named ${name} is loaded: load it first, or leave the name out for the base model`)
  const longest = Math.min(setup.maximumLength, checkpoint.config.maximumPositions)
  const room = longest - job.prompt.length
  if (room < 1) {
    throw new InferenceError('INFERENCE_PROMPT_TOO_LONG', `the prompt has ${job.prompt.length} tokens and the model holds ${longest}: shorten the specification`)
  }
  const draft = job.draft === 'none' ? undefined : job.draft === 'lookup' ? lookupDraft : personal
  const steps = decode(session, {
    prompt: job.prompt,
    maximumTokens: Math.min(job.maximumTokens, room),
    endIds: checkpoint.tokenizer.endIds,
    sampling: job.sampling,
    signal: running.get(id)!.signal,
    ...(draft ? { draft, ...controlsOf(`${name} ${draft.name}`) } : {}),
  })

  const stream = new TextStream(checkpoint.tokenizer)
  const stop = new StopText(job.stop)
  let text = ''
  const show = (shown: string, tokens: number, accepted: number): void => {
    text += shown
    if (shown !== '') answer({ type: 'part', id, part: { text: shown, tokens, accepted } })
  }
  const counts = { tokens: 0, targetCalls: 0, drafted: 0, accepted: 0 }
  for (;;) {
    const step = await steps.next()
    if (step.done) {
      show(stop.push(stream.flush()).shown + stop.flush(), 0, 0)
      return { ...step.value, text }
    }
    counts.tokens += step.value.tokens.length
    counts.targetCalls += 1
    counts.drafted += step.value.drafted
    counts.accepted += step.value.accepted
    const { shown, stopped } = stop.push(stream.push(step.value.tokens))
    show(shown, step.value.tokens.length, step.value.accepted)
    if (stopped) {
      await steps.return({ finish: 'end', promptMilliseconds: 0, decodeMilliseconds: 0, ...counts })
      return { text, finish: 'stop', promptMilliseconds: 0, decodeMilliseconds: 0, ...counts }
    }
    // Lets a cancellation in: the port's messages are read between turns of the event loop only.
    await new Promise<void>((resolve) => { setImmediate(resolve) })
  }
}

function controlsOf(key: string): { readonly draftLength: DraftLength, readonly speculation: SpeculationSwitch } {
  const known = controls.get(key) ?? { draftLength: new DraftLength(), speculation: new SpeculationSwitch() }
  controls.set(key, known)
  return known
}
