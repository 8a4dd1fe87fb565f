import type { Draw } from './draw.js'
import { foreignBytes, mutateBytes } from './mutate-bytes.js'
import { foreignValue } from './mutate-values.js'

/** A safetensors file with its header, its values or the length between them changed. */
export function foreignSafetensors(valid: Uint8Array, draw: Draw): Uint8Array {
  if (draw.chance(0.3)) return foreignBytes(valid, draw)
  const length = Number(new DataView(valid.buffer, valid.byteOffset).getBigUint64(0, true))
  const header: unknown = JSON.parse(Buffer.from(valid.subarray(8, 8 + length)).toString())
  const json = Buffer.from(JSON.stringify(foreignValue(header, draw)) as string | undefined ?? '')
  const data = valid.subarray(8 + length)
  const prefix = new Uint8Array(8)
  new DataView(prefix.buffer).setBigUint64(0, BigInt(json.length), true)
  return Uint8Array.from(Buffer.concat([prefix, json, draw.chance(0.1) ? mutateBytes(data, draw) : data]))
}
