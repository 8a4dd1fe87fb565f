/**
 * Graphs: ONNX models written from TypeScript.
 *
 * A `GraphBuilder` collects nodes; the operations here add them and know their derivatives, so that `gradients` can append the backward pass.
 * The result runs on any ONNX runtime with the `com.microsoft` operators. Nothing here loads or runs one.
 */
export { GraphError } from './errors.js'
export type { GraphErrorCode } from './errors.js'
export { GraphBuilder } from './graph-builder.js'
export type { Backward, EmitOptions, GradientTerm, OutputSpec } from './graph-builder.js'
export { MICROSOFT_DOMAIN } from './onnx.js'
export type { Attribute, Dimension, ElementType } from './onnx.js'
export { attention } from './operations/attention.js'
export { crossEntropy } from './operations/cross-entropy.js'
export type { CrossEntropyInputs } from './operations/cross-entropy.js'
export { add, elementwise, multiply } from './operations/elementwise.js'
export { embedding } from './operations/embedding.js'
export { gatedSilu } from './operations/gated.js'
export { concatenate, reshape, transpose } from './operations/layout.js'
export { rmsNorm } from './operations/normalisation.js'
export { batchedProduct, droppedLora, gemm, mergedLora, product, productOperations } from './operations/products.js'
export type { LoraOptions, ProductOptions } from './operations/products.js'
export { rotary } from './operations/rotary.js'
export type { RotaryTables } from './operations/rotary.js'
export { broadcastShape, elementCount, knownShape } from './value.js'
export type { Value } from './value.js'
