import type { Family } from '../../family.js'
import { accumulator } from './accumulator.js'
import { crcRegister } from './crc-register.js'
import { creditCounter } from './credit-counter.js'
import { debouncer } from './debouncer.js'
import { delayLine } from './delay-line.js'
import { deserialiser } from './deserialiser.js'
import { digitPairCounter } from './digit-pair-counter.js'
import { edgeDetector } from './edge-detector.js'
import { extremumTracker } from './extremum-tracker.js'
import { fifo } from './fifo.js'
import { frameDetector } from './frame-detector.js'
import { grayCounter } from './gray-counter.js'
import { grayPointer } from './gray-pointer.js'
import { handshakeSender } from './handshake-sender.js'
import { interruptLatch } from './interrupt-latch.js'
import { lfsr } from './lfsr.js'
import { loadableCounter } from './loadable-counter.js'
import { lockedArbiter } from './locked-arbiter.js'
import { manchesterEncoder } from './manchester-encoder.js'
import { moduloCounter } from './modulo-counter.js'
import { pulseStretcher } from './pulse-stretcher.js'
import { pwm } from './pwm.js'
import { quadratureDecoder } from './quadrature-decoder.js'
import { registerFile } from './register-file.js'
import { ringCounter } from './ring-counter.js'
import { roundRobinArbiter } from './round-robin-arbiter.js'
import { saturatingCounter } from './saturating-counter.js'
import { sequenceDetector } from './sequence-detector.js'
import { serialMultiplier } from './serial-multiplier.js'
import { serialiser } from './serialiser.js'
import { skidBuffer } from './skid-buffer.js'
import { spiShifter } from './spi-shifter.js'
import { stack } from './stack.js'
import { synchroniser } from './synchroniser.js'
import { tickDivider } from './tick-divider.js'
import { timer } from './timer.js'
import { toggleReceiver } from './toggle-receiver.js'
import { tokenBucket } from './token-bucket.js'
import { trafficLight } from './traffic-light.js'
import { uartTransmitter } from './uart-transmitter.js'
import { universalShiftRegister } from './universal-shift-register.js'
import { vendingMachine } from './vending-machine.js'
import { watchdog } from './watchdog.js'

/** Clocked designs: every register is reset, and no output depends on what a memory held before reset. */
export const sequentialFamilies: Family[] = [
  accumulator,
  crcRegister,
  creditCounter,
  debouncer,
  delayLine,
  deserialiser,
  digitPairCounter,
  edgeDetector,
  extremumTracker,
  fifo,
  frameDetector,
  grayCounter,
  grayPointer,
  handshakeSender,
  interruptLatch,
  lfsr,
  loadableCounter,
  lockedArbiter,
  manchesterEncoder,
  moduloCounter,
  pulseStretcher,
  pwm,
  quadratureDecoder,
  registerFile,
  ringCounter,
  roundRobinArbiter,
  saturatingCounter,
  sequenceDetector,
  serialMultiplier,
  serialiser,
  skidBuffer,
  spiShifter,
  stack,
  synchroniser,
  tickDivider,
  timer,
  toggleReceiver,
  tokenBucket,
  trafficLight,
  uartTransmitter,
  universalShiftRegister,
  vendingMachine,
  watchdog,
]
