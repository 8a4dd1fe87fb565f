import test from 'ava'
import fc from 'fast-check'

import { decodeDelta } from '../../src/adapter/index.js'
import { contentId, encodeCanonical } from '../../src/identity/index.js'
import { LATE_ROUNDS } from '../../src/rounds/limits.js'
import { name } from '../../src/rounds/records/arrays.js'
import type { Trunk } from '../../src/rounds/records/cluster-record.js'
import { foundingState } from '../../src/rounds/records/state.js'
import type { FromAbove, RecordState } from '../../src/rounds/records/state.js'
import { foundingLink, lower, offerOf } from '../../src/rounds/records/up-and-down.js'

const LENGTH = 130

/** A cluster that trains by adding numbers, under a level above that answers its offers as it likes. */
class Toy {
  state: RecordState = foundingState(new Float32Array(LENGTH))
  trunk: Trunk = {
    network: '', cluster: 'verilog.0', round: 0, parent: null, upper: foundingLink(this.state), tokens: 0,
    adapter: this.state.adapter.id, velocity: this.state.velocity.id, residual: this.state.residual.id, offer: null, policy: 1, rollback: null,
  }

  above = { round: 0, values: new Float32Array(LENGTH) }
  /** All that this cluster has learnt, and what of it has come into the level above. */
  learnt = 0
  given = 0
  private answers: { content: string, counted: boolean }[] = []

  /** A round of the cluster, that takes over what is above if it is newer. */
  round(step: number, offers: boolean): void {
    const { trunk, above } = this
    const isNews = above.round > trunk.upper.round
    const news: FromAbove | undefined = isNews
      ? { round: above.round, record: contentId(encodeCanonical(above.round)), adapter: name(above.values), velocity: this.state.velocity, settled: this.answers, listed: null, rollback: null }
      : undefined
    if (isNews) this.answers = []
    const start = lower(trunk, this.state, news)
    const adapter = start.adapter.map((value) => value + step)
    this.learnt += step
    const tokens = start.tokens + 1
    const round = trunk.round + 1
    const offered = start.open ?? (offers ? offerOf(round, adapter, start.velocity, start, tokens) : undefined)
    this.state = { adapter: name(adapter), velocity: name(start.velocity), residual: name(start.residual), upper: name(start.upperValues), offer: offered?.state ?? null }
    this.trunk = { ...trunk, round, upper: start.upper, tokens, adapter: this.state.adapter.id, residual: this.state.residual.id, offer: offered?.offer ?? null }
  }

  /** A round above: others' changes, and an answer to the open offer where it can still have one. */
  rise(others: number, answer: 'counted' | 'refused' | 'none'): void {
    const { above, trunk: { offer }, state } = this
    const canAnswer = offer !== null && !this.answers.some(({ content }) => content === offer.content) && above.round - offer.baseRound <= LATE_ROUNDS
    const counted = canAnswer && answer === 'counted' ? decodeDelta(state.offer!.content, LENGTH) : undefined
    if (canAnswer && answer !== 'none') this.answers.push({ content: offer.content, counted: counted !== undefined })
    if (counted !== undefined) this.given += mean(counted)
    this.above = { round: above.round + 1, values: above.values.map((value, i) => value + others + (counted?.[i] ?? 0)) }
  }
}

function mean(values: Float32Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

const event = fc.oneof(
  fc.record({ kind: fc.constant('round' as const), step: fc.integer({ min: -8, max: 8 }), offers: fc.boolean() }),
  fc.record({ kind: fc.constant('rise' as const), others: fc.integer({ min: -8, max: 8 }), answer: fc.constantFrom('counted' as const, 'refused' as const, 'none' as const) }),
)

test('whatever the level above answers, and when: what a cluster has learnt is in its adapter once, never twice and never lost', (t) => {
  fc.assert(fc.property(fc.array(event, { maxLength: 60 }), (events) => {
    const toy = new Toy()
    for (const one of events) {
      if (one.kind === 'round') toy.round(one.step, one.offers)
      else toy.rise(one.others, one.answer)
    }
    toy.round(0, false)
    // What is not above yet, with what the code has left out, and what is above, make all that was learnt.
    const own = mean(toy.state.adapter.values) - mean(toy.above.values) + mean(toy.state.residual.values)
    t.true(Math.abs(own + toy.given - toy.learnt) < 1e-2, `${own} here and ${toy.given} above are not the ${toy.learnt} that were learnt`)
  }), { numRuns: 300, seed: 5 })
})

test('an offer that no record above can count any more is made anew with all that has been learnt since', (t) => {
  const toy = new Toy()
  toy.round(4, true)
  const first = toy.trunk.offer!
  for (let round = 0; round < LATE_ROUNDS; round++) {
    toy.rise(1, 'none')
    toy.round(1, true)
    t.is(toy.trunk.offer?.content, first.content, 'it waits for an answer')
  }
  toy.rise(1, 'none')
  toy.round(1, true)
  t.is(toy.trunk.offer?.round, toy.trunk.round)
  t.is(toy.trunk.offer?.tokens, toy.trunk.tokens)
  t.is(Math.round(mean(decodeDelta(toy.state.offer!.content, LENGTH))), 4 + LATE_ROUNDS + 1)
})

test('a record above in which nothing was learnt leaves the momentum alone', (t) => {
  const toy = new Toy()
  toy.round(1, false)
  toy.rise(0, 'none')
  const { state, trunk } = toy
  const own = { ...state, velocity: name(new Float32Array(LENGTH).fill(3)) }
  const same = lower(trunk, own, { round: 1, record: 'a'.repeat(64), adapter: state.upper, velocity: foundingState(new Float32Array(LENGTH)).velocity, settled: [], listed: null, rollback: null })
  t.is(same.velocity[0], 3)
  const moved = lower(trunk, own, { round: 1, record: 'a'.repeat(64), adapter: state.upper, velocity: name(new Float32Array(LENGTH).fill(2)), settled: [], listed: null, rollback: null })
  t.is(moved.velocity[0], 2)
})
