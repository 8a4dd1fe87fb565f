import { Worker } from 'node:worker_threads'
import type { ResourceLimits } from 'node:worker_threads'

import { forbidRuntimeUploads } from './runtime-uploads.js'

/** Opens a thread that runs ONNX Runtime. Every such thread is opened here, so that none reports home. */
export function runtimeThread(script: URL, workerData: unknown, resourceLimits: ResourceLimits = {}): Worker {
  forbidRuntimeUploads()
  return new Worker(script, { workerData, resourceLimits })
}
