/** Families of which the base sees a few examples only, so that peers have something to bring. How many: scripts/pretrain/exposures.json. */
export const EVALUATION_CANDIDATES: readonly string[] = [
  'gray-code', 'saturating-adder', 'priority-encoder', 'leading-zero-count', 'clamp', 'one-hot-check', 'popcount',
  'lfsr', 'pwm', 'edge-detector', 'serialiser', 'gray-counter', 'ring-counter', 'pulse-stretcher', 'accumulator', 'synchroniser',
  'hidden-shift', 'pauli-rotation', 'multi-controlled', 'rotation-ladder', 'teleportation', 'qaoa-layer', 'repetition-code', 'swap-test',
  'bernstein-vazirani', 'phase-oracle', 'cat-state', 'graph-state',
]

/** Families that the base never sees. */
export const UNSEEN: readonly string[] = ['vending-machine', 'spi-shifter', 'quantum-walk', 'css-encoder', 'hamming-decoder']
