import { runtimeThread } from '../../src/model/index.js'
import { NodeError } from '../errors.js'
import type { WriterJob, WriterMessage } from './writer-messages.js'

/**
 * Writes one design a prompt, greedily, in a thread of its own that ends afterwards.
 *
 * @param onWritten - called as designs are finished, in any order
 * @throws NodeError EVALUATION_FAILED
 */
export async function writeMany(job: Omit<WriterJob, 'stop'>, { signal, onWritten }: { readonly signal?: AbortSignal, readonly onWritten?: (index: number, text: string) => void } = {}): Promise<string[]> {
  if (job.prompts.length === 0) return []
  const texts: string[] = job.prompts.map(() => '')
  const flag = new Int32Array(new SharedArrayBuffer(4))
  const thread = runtimeThread(new URL('./writer-thread.js', import.meta.url), { ...job, stop: flag } satisfies WriterJob)
  const stop = (): void => void Atomics.store(flag, 0, 1)
  signal?.addEventListener('abort', stop, { once: true })
  try {
    await new Promise<void>((resolve, reject) => {
      const fail = (why: string, cause?: unknown): void => reject(new NodeError('EVALUATION_FAILED', `designs could not be written: ${why}`, { cause }))
      thread.on('message', (message: WriterMessage) => {
        if (message.type === 'done' && signal?.aborted === true) fail('stopped')
        else if (message.type === 'done') resolve()
        else if (message.type === 'failed') fail(`${message.code} ${message.message}`)
        else {
          texts[message.index] = message.text
          onWritten?.(message.index, message.text)
        }
      })
      thread.on('error', (error: unknown) => fail(error instanceof Error ? error.message : String(error), error))
      thread.on('exit', () => fail('the thread ended early'))
    })
    return texts
  } finally {
    signal?.removeEventListener('abort', stop)
    await thread.terminate()
  }
}
