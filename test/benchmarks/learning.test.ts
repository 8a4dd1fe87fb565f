import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'

import test from 'ava'

import { allArms, armName, PEERS } from '../../scripts/bench/learning/arms.js'
import type { Arm, ArmKind, Regime } from '../../scripts/bench/learning/arms.js'
import type { ArmResult } from '../../scripts/bench/learning/counts.js'
import { learningFigures } from '../../scripts/bench/learning/figures.js'
import { readModels, writeModels } from '../../scripts/bench/learning/kept-models.js'
import { heldOut, peersOf } from '../../scripts/bench/learning/peers.js'
import { learningPicture } from '../../scripts/bench/learning/picture.js'

const split = { evaluation: ['adder', 'ghz-state'], quantum: ['ghz-state'], retention: ['parity'] }
const about = { machine: 'test', commit: 'test', seconds: 1 }

/** An arm that passed so many of ten of each family. */
function result(kind: ArmKind, passed: readonly [adder: number, ghz: number, parity?: number], { regime = 'overlap', seed = 1, damaged = 0, peer }: { regime?: Regime, seed?: number, damaged?: number, peer?: number } = {}): ArmResult {
  const count = (right: number): { passed: number, unknown: number, asked: number } => ({ passed: right, unknown: 0, asked: 10 })
  const [adder, ghz, parity] = passed
  return {
    ...about,
    arm: { regime, seed, kind, damaged, ...peer === undefined ? {} : { peer } },
    counts: { adder: count(adder), 'ghz-state': count(ghz), ...parity === undefined ? {} : { parity: count(parity) } },
  }
}

test('arms have names of their own, and every seed has the same ones', (t) => {
  const names = allArms().map(armName)
  t.is(new Set(names).size, names.length)
  t.is(allArms([1]).length * 3, names.length)
  t.is(allArms([1]).filter(({ kind }) => kind === 'base').length, 1)
  t.is(allArms([1]).filter(({ kind }) => kind === 'personal').length, 2 * PEERS)
})

test('a ratio is of means over seeds, families weighted equally', (t) => {
  const figures = learningFigures([
    result('base', [2, 0, 10]), result('base', [0, 2, 8], { seed: 2 }),
    result('network', [8, 4, 9], {}), result('network', [2, 2, 8], { seed: 2 }),
  ], split)
  t.is(figures['base_overlap'], 0.1)
  t.is(figures['network_overlap'], 0.4)
  t.is(figures['network_over_base_overlap'], 4)
  t.is(figures['quantum_network_over_base_overlap']!.toFixed(6), '3.000000')
  t.is(figures['retention_overlap']!.toFixed(6), (17 / 18).toFixed(6))
  t.is(figures['retention_worst_seed_overlap'], 0.9)
})

test('only seeds that both sides have are compared', (t) => {
  const figures = learningFigures([result('base', [2, 2]), result('network', [4, 4]), result('network', [10, 10], { seed: 2 })], split)
  t.is(figures['network_over_base_overlap'], 2)
})

test('an unsuffixed figure is the worse regime\'s, and absent until both have it; the base is the same in both', (t) => {
  const overlap = [result('base', [1, 1]), result('network', [4, 4])]
  t.false('network_over_base' in learningFigures(overlap, split))
  const disjoint: Regime = 'disjoint'
  const both = [...overlap, result('network', [3, 3], { regime: disjoint })]
  t.is(learningFigures(both, split)['network_over_base']!.toFixed(6), '3.000000')
})

test('peers alone count once all of them have run', (t) => {
  const alone = (peers: number): ArmResult[] => Array.from({ length: peers }, (_, peer) => result('local', [peer, peer], { peer }))
  const network = result('network', [5, 5])
  t.false('network_over_local_overlap' in learningFigures([network, ...alone(PEERS - 1)], split))
  t.is(learningFigures([network, ...alone(PEERS)], split)['network_over_local_overlap'], 2)
})

test('a personal model is compared with the better of network and local', (t) => {
  const count = (passed: number): { passed: number, unknown: number, asked: number } => ({ passed, unknown: 0, asked: 10 })
  const arm = (peer: number): Arm => ({ regime: 'overlap', seed: 1, kind: 'personal', damaged: 0, peer })
  const figures = learningFigures([
    { ...about, arm: arm(0), personal: { network: count(5), local: count(7), personal: count(8), chosen: 'local', baseline: 'network', scores: [] } },
    { ...about, arm: arm(1), personal: { network: count(6), local: count(2), personal: count(4), chosen: 'network', baseline: 'network', scores: [] } },
  ], split)
  t.is(figures['personal_minus_best_overlap']!.toFixed(6), '0.050000')
  t.is(figures['personal_minus_best_in_hindsight_overlap']!.toFixed(6), '-0.050000')
})

test('models come back as they were kept', async (t) => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'models-'))
  t.teardown(() => rm(folder, { recursive: true }))
  const file = path.join(folder, 'one')
  t.is(await readModels(file), undefined)
  const arm = allArms([1]).find(({ kind }) => kind === 'personal')!
  const models = { ...about, arm, chosen: 'mixture 0.50', adapters: [Float32Array.of(1, -2), Float32Array.of(0.5, 3)] }
  await writeModels(file, models)
  t.deepEqual(await readModels(file), models)
  await writeModels(file, { ...about, arm, adapters: [] })
  t.deepEqual(await readModels(file), { ...about, arm, adapters: [] })
})

test('nothing that is asked was trained on, and damage belongs to the peers that the seed names', (t) => {
  const evaluation = ['clamp', 'popcount', 'parity-phase', 'edge-detector', 'gray-code', 'min-max']
  const clean = peersOf('disjoint', 1, evaluation, 0)
  const damaged = peersOf('disjoint', 1, evaluation, 2)
  const specifications = (pairs: readonly { readonly specification: string }[]): Set<string> => new Set(pairs.map(({ specification }) => specification))
  const trained = specifications(clean.flatMap(({ training }) => training))
  const chosenBy = specifications(clean.flatMap(({ validation }) => validation))
  const own = clean.flatMap((peer) => peer.drawHeldOut(16, '1'))
  const asked = [...evaluation.flatMap((family) => heldOut(family, 16, 1)), ...own]
  t.deepEqual(asked.filter(({ specification }) => trained.has(specification)), [])
  t.deepEqual([...chosenBy].filter((specification) => trained.has(specification)), [])
  t.deepEqual(own.filter(({ specification }) => chosenBy.has(specification)), [])
  t.is(damaged.filter((peer) => peer.damaged).length, 2)
  for (const [at, peer] of damaged.entries()) {
    const rightly = new Set(clean[at]!.training.map(({ specification, design }) => `${specification}\n${design}`))
    const matching = peer.training.filter(({ specification, design }) => rightly.has(`${specification}\n${design}`)).length
    t.true(peer.damaged ? matching < peer.training.length / 20 : matching === peer.training.length)
  }
})

test('the picture shows what has run and says what has not', (t) => {
  const svg = learningPicture([result('base', [2, 1]), result('network', [8, 5])], split)
  t.regex(svg, /^<svg [^]*<\/svg>\n$/)
  t.false(/NaN|undefined/.test(svg))
  t.true(svg.includes('not run'))
  t.true(svg.includes('65 %'))
})
