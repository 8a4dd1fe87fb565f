import type { Restored } from './rollback.js'
import type { FromAbove, RecordState } from './state.js'

/** Names a state by the hashes of all that it holds. */
export function keyOfState({ adapter, velocity, residual, upper, offer }: RecordState): string {
  // The bytes of an offer are named by the record whose state it is.
  return [adapter.id, velocity.id, residual.id, upper.id, offer?.adapter.id ?? '', offer?.residual.id ?? ''].join()
}

export function keyOfAbove(above: FromAbove | undefined): string {
  if (above === undefined) return ''
  const { round, record, adapter, velocity, rollback, settled, listed } = above
  return [round, record, adapter.id, velocity.id, rollback ?? '', ...settled.map(({ content, counted }) => `${content} ${counted}`), listed === null ? '' : `${listed.record} ${listed.round} ${listed.members.join(' ')}`].join()
}

export function keyOfRestored(restored: Restored | undefined): string {
  return restored === undefined ? '' : [restored.record, restored.adapter.id, restored.velocity.id].join()
}
