/** Families of which the base sees a few examples only, so that peers have something to bring. How many: scripts/pretrain/exposures.json. */
export const EVALUATION_CANDIDATES: readonly string[] = [
  'one-hot-check', 'leading-zero-count', 'clamp', 'saturating-adder', 'popcount',
  'gray-code', 'edge-detector', 'accumulator', 'ring-counter', 'min-max', 'skid-buffer',
  'teleportation', 'repetition-code', 'ising-step', 'heisenberg-step', 'parity-phase',
]

/** Families that the base never sees. */
export const UNSEEN: readonly string[] = ['vending-machine', 'spi-shifter', 'quantum-walk', 'css-encoder', 'hamming-decoder']
