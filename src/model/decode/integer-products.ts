import * as onnx from 'onnxruntime-node'

import { GraphBuilder } from '../../graph/index.js'
import { createSession, runSession } from '../runtime.js'

/** Lengths of a row and numbers of rows and columns that reach each of ONNX Runtime's ways to multiply. */
const INPUTS = 64
const OUTPUTS = 32
const ROWS = [1, 2, 7]
const LARGEST = { unsigned: 255, signed: 127 } as const

let known: Promise<boolean> | undefined

/**
 * Whether ONNX Runtime's products of unsigned rows with signed columns are exact on this machine. They are where the processor adds four products at once
 * into 32 bits (AVX-512 VNNI, ARM); x86 processors without add two into 16 bits, which large values go beyond. There both must be unsigned, at half the speed.
 */
export function areSignedColumnsExact(): Promise<boolean> {
  return known ??= tried()
}

async function tried(): Promise<boolean> {
  const graph = new GraphBuilder()
  const rows = graph.input('rows', ['new', INPUTS], { type: 'uint8' })
  const columns = graph.constant('columns', [INPUTS, OUTPUTS], new Int8Array(INPUTS * OUTPUTS).fill(LARGEST.signed), 'int8')
  graph.output('products', graph.emitOne('MatMulInteger', [rows, columns], { shape: ['new', OUTPUTS], type: 'int32' }))
  const session = await createSession(graph.serialise(), { threads: 1, fixedShapes: false })
  try {
    for (const count of ROWS) {
      const { products } = await runSession(session, { rows: new onnx.Tensor('uint8', new Uint8Array(count * INPUTS).fill(LARGEST.unsigned), [count, INPUTS]) })
      if (!(products!.data as Int32Array).every((sum) => sum === INPUTS * LARGEST.unsigned * LARGEST.signed)) return false
    }
    return true
  } finally {
    await session.release()
  }
}
