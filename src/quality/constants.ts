/** Longer sources are refused: the largest file of the public corpora is a tenth of it, and elaboration time grows with length. */
export const MAXIMUM_SOURCE_BYTES = 256 * 1024

/** WASM memory of one tool run. A 64 x 1024 FIFO takes about 200 MiB; what needs more is not worth waiting for. */
export const MAXIMUM_TOOL_MEMORY_BYTES = 768 * 1024 * 1024

/** V8 heap of a worker thread, MiB. */
export const WORKER_HEAP_MIB = 384

/** Tool runs after which a worker is replaced, should it leak in spite of collections. 500 runs take about half a minute. */
export const RUNS_PER_WORKER = 500

/** Cycles after reset that are searched for a difference before the answer is "equal for N cycles". */
export const BOUND_CYCLES = 24

/** Longest induction tried. */
export const MAXIMUM_INDUCTION = 16

/** Cycles for which reset is held active before outputs are compared. */
export const RESET_CYCLES = 2

/** State vectors take 16 bytes a basis state: 12 qubits with as many reference qubits make 256 MiB, so larger circuits use random inputs. */
export const MAXIMUM_QUBITS = 16
