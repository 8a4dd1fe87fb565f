/**
 * Adapters: LoRA weights on the frozen base, one flat f32 vector each, whose layout `model/` defines.
 *
 * Here they start (`initialAdapter`), mix (`mergeAdapters`, `mergeProducts`), travel as deltas (`encodeDelta`, `decodeDelta`) and come from and go to
 * PEFT folders (`importPeft`, `exportPeft`).
 */
export { checkAdapter } from './check.js'
export { AdapterError } from './errors.js'
export type { AdapterErrorCode } from './errors.js'
export { initialAdapter } from './initial.js'
export { mergeAdapters, mergeProducts } from './mix.js'
export type { AdapterWithLayout, MixPart } from './mix.js'
export { seededRandom } from './random.js'
export type { Random, Seed } from './random.js'
export * from './codec/index.js'
export { exportPeft } from './peft/export.js'
export { importPeft } from './peft/import.js'
export { readSafetensors, writeSafetensors } from './peft/safetensors.js'
export type { NamedTensor } from './peft/safetensors.js'
