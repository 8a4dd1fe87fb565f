import type { Family } from '../../family.js'
import { absolute } from './absolute.js'
import { addSub } from './add-sub.js'
import { adder } from './adder.js'
import { addressDecoder } from './address-decoder.js'
import { alu } from './alu.js'
import { bcdAdder } from './bcd-adder.js'
import { binaryToBcd } from './binary-to-bcd.js'
import { bitfield } from './bitfield.js'
import { clamp } from './clamp.js'
import { comparator } from './comparator.js'
import { constantMultiplier } from './constant-multiplier.js'
import { crcStep } from './crc-step.js'
import { decoder } from './decoder.js'
import { extension } from './extension.js'
import { grayCode } from './gray.js'
import { hammingDecoder, hammingEncoder } from './hamming.js'
import { lookupTable } from './lookup-table.js'
import { minMax } from './min-max.js'
import { multiplexer } from './multiplexer.js'
import { multiplyAccumulate } from './multiply-accumulate.js'
import { oneHotCheck } from './one-hot-check.js'
import { parity } from './parity.js'
import { pipeline } from './pipeline.js'
import { popcount } from './popcount.js'
import { priorityEncoder } from './priority-encoder.js'
import { reversal } from './reversal.js'
import { rotator } from './rotator.js'
import { rounding } from './rounding.js'
import { saturatingAdder } from './saturating-adder.js'
import { sevenSegment } from './seven-segment.js'
import { shifter } from './shifter.js'
import { sorter } from './sorter.js'
import { thermometer } from './thermometer.js'
import { zeroCount } from './zero-count.js'

/** Circuits without state, and registered datapaths. The order is fixed: seeds depend on names, not on it. */
export const combinationalFamilies: Family[] = [
  absolute,
  addSub,
  adder,
  addressDecoder,
  alu,
  bcdAdder,
  binaryToBcd,
  bitfield,
  clamp,
  comparator,
  constantMultiplier,
  crcStep,
  decoder,
  extension,
  grayCode,
  hammingEncoder,
  hammingDecoder,
  lookupTable,
  minMax,
  multiplexer,
  multiplyAccumulate,
  oneHotCheck,
  parity,
  pipeline,
  popcount,
  priorityEncoder,
  reversal,
  rotator,
  rounding,
  saturatingAdder,
  sevenSegment,
  shifter,
  sorter,
  thermometer,
  zeroCount,
]
