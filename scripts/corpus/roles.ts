/** Families of which the base sees a few examples only, so that peers have something to bring. How many: scripts/pretrain/exposures.json. */
export const EVALUATION_CANDIDATES: readonly string[] = [
  'one-hot-check', 'leading-zero-count', 'clamp', 'saturating-adder', 'popcount',
  'gray-code', 'edge-detector', 'accumulator', 'ring-counter', 'two-word-sorter',
  'min-max', 'extremum-tracker', 'skid-buffer', 'tick-divider', 'quadrature-decoder',
  'teleportation', 'repetition-code', 'ising-step', 'heisenberg-step', 'amplitude-encoding', 'parity-phase', 'layered-ansatz',
]

/** Families that the base never sees. */
export const UNSEEN: readonly string[] = ['vending-machine', 'spi-shifter', 'quantum-walk', 'css-encoder', 'hamming-decoder']
