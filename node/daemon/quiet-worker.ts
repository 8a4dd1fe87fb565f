import type { ModelWorker } from '../../src/model/index.js'

/** A worker that closes only when nothing is being computed: a thread that is ended within a run of ONNX Runtime takes the process with it. */
export function quietWorker(worker: ModelWorker): ModelWorker {
  const running = new Set<Promise<unknown>>()
  const watch = <T>(work: Promise<T>): Promise<T> => {
    running.add(work)
    const done = (): void => void running.delete(work)
    work.then(done, done)
    return work
  }
  return {
    step: (batch, adapter, options) => watch(worker.step(batch, adapter, options)),
    score: (batch, adapter, alternatives) => watch(worker.score(batch, adapter, alternatives)),
    async close() {
      while (running.size > 0) await Promise.allSettled(running)
      await worker.close()
    },
  }
}
