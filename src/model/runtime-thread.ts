import { Worker } from 'node:worker_threads'

import { forbidRuntimeUploads } from './runtime-uploads.js'

/**
 * MiB. Every run of ONNX Runtime returns its outputs in new memory outside of the heap, which is free once the small object is collected that holds it: with V8's
 * own size for new objects that takes so long that a hundred MiB wait.
 */
const YOUNG_GENERATION = 8

/** Opens a thread that runs ONNX Runtime. Every such thread is opened here, so that none reports home. */
export function runtimeThread(script: URL, workerData: unknown): Worker {
  forbidRuntimeUploads()
  return new Worker(script, { workerData, resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION } })
}
