/**
 * The model: a Hugging Face folder of the Llama family becomes sessions that train a LoRA adapter on it, score texts with it and write with it.
 *
 * `loadCheckpoint` reads the folder, `openModelWorker` trains and scores in a thread of its own, `DecodeSession` writes in the caller's thread,
 * and `RecurrentSession` guesses what it will write.
 */
export { adapterLayout, targetModule, TARGETS, targetSize } from './adapter-layout.js'
export type { AdapterLayout, AdapterSettings, AdapterTensor, Target } from './adapter-layout.js'
export { commonLength } from './common-length.js'
export { parseLlamaConfig } from './config.js'
export type { LlamaConfig, RopeScaling } from './config.js'
export { ModelError } from './errors.js'
export type { ModelErrorCode } from './errors.js'
export type { Alternatives, ModelWorker, ModelWorkerOptions, ScoreResult, StepOptions, StepResult } from './model-worker.js'
export type { PackedBatch } from './packed-batch.js'
export { loadBaseModel, loadCheckpoint } from './checkpoint.js'
export type { BaseModel, Checkpoint } from './checkpoint.js'
export { DecodeSession } from './decode/decode-session.js'
export type { ForwardOptions } from './decode/decode-session.js'
export { BatchDecodeSession } from './decode/batch-decode-session.js'
export { CacheMemory } from './decode/cache-memory.js'
export type { Described, TextPart } from './decode/batch-decode-session.js'
export type { DecodeOptions } from './decode/decode-model.js'
export type { Quantization } from './decode/decoder-block.js'
export * from './draft/index.js'
export { createTokenizer } from './tokenizer.js'
export type { ChatMessage, Tokenizer, TokenizerFiles } from './tokenizer.js'
export { openModelWorker } from './lora/open-model-worker.js'
export { LoraSessions } from './lora/lora-sessions.js'
export { buildTrainingGraph } from './lora/training-graph.js'
export { randomModel } from './random-model.js'
export { runtimeThread } from './runtime-thread.js'
export { createSession, floats, floatsOf, integers, runSession } from './runtime.js'
export type { RuntimeOptions } from './runtime.js'
