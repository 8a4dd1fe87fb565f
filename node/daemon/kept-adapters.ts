import type { Store } from '../../src/store/index.js'
import type { Logger } from '../../src/telemetry/index.js'

import type { AdapterName } from '../serving/request.js'

const NAMES = ['network', 'local', 'personal'] as const
type Kept = (typeof NAMES)[number]
const VERSION = 1

/** The adapters that a node serves. Those of the peer itself never leave; all are on disk, so that designs can be written while no node runs. */
export class KeptAdapters {
  readonly #values = new Map<Kept, Float32Array>()

  private constructor(private readonly store: Store) {}

  /** @param length - values of the network's adapter; others are left alone */
  static async open(store: Store, length: number, log: Logger): Promise<KeptAdapters> {
    const kept = new KeptAdapters(store)
    for (const name of NAMES) {
      const bytes = await store.readState(stateOf(name), { version: VERSION }).catch((error: unknown) => {
        log.warn('an adapter could not be read and is made again', { adapter: name, error })
        return undefined
      })
      if (bytes instanceof Uint8Array && bytes.length === length * 4) kept.#values.set(name, new Float32Array(new Uint8Array(bytes).buffer))
    }
    return kept
  }

  all(): Readonly<Partial<Record<AdapterName, Float32Array>>> {
    return Object.fromEntries(this.#values)
  }

  get(name: AdapterName): Float32Array | undefined {
    return name === 'base' ? undefined : this.#values.get(name)
  }

  /** Serves this adapter from now on; on disk with `save`. */
  set(name: Kept, values: Float32Array): void {
    this.#values.set(name, values)
  }

  async save(name: Kept): Promise<void> {
    const values = this.#values.get(name)
    if (values) await this.store.writeState(stateOf(name), VERSION, new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
  }
}

function stateOf(name: Kept): string {
  return `adapter-${name}`
}
