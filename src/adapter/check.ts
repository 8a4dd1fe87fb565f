import type { AdapterLayout } from '../model/index.js'
import { AdapterError } from './errors.js'

/**
 * Checks that a flat vector is an adapter of a layout.
 *
 * @throws AdapterError ADAPTER_LENGTH, ADAPTER_NOT_FINITE
 */
export function checkAdapter(layout: AdapterLayout, adapter: Float32Array): void {
  if (adapter.length !== layout.length) {
    throw new AdapterError('ADAPTER_LENGTH', `the adapter has ${adapter.length} values, and its layout has ${layout.length}: was it trained with another rank, other targets or another base?`)
  }
  const at = adapter.findIndex((value) => !Number.isFinite(value))
  if (at >= 0) {
    const tensor = layout.tensors.findLast(({ offset }) => offset <= at)
    throw new AdapterError('ADAPTER_NOT_FINITE', `value ${at} of the adapter, in ${tensor?.name ?? 'no tensor'}, is ${adapter[at]!}: training has diverged, go back to an earlier adapter`)
  }
}
