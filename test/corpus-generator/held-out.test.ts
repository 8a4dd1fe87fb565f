import { readFileSync } from 'node:fs'
import path from 'node:path'
import { gunzipSync } from 'node:zlib'

import test from 'ava'

import { families } from '../../scripts/corpus/families/index.js'
import { fingerprint } from '../../scripts/corpus/record.js'
import { peersOf } from '../../scripts/bench/learning/peers.js'
import { findPackageRoot } from '../../src/config/index.js'

interface Line { readonly family: string, readonly specification: string, readonly design?: string, readonly reference?: string }

const embedded = path.join(findPackageRoot(), 'models', 'embedded')
const shipped = (name: string): Line[] =>
  gunzipSync(readFileSync(path.join(embedded, `${name}.jsonl.gz`))).toString('utf8').split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as Line)
const roles = JSON.parse(readFileSync(path.join(embedded, 'families.json'), 'utf8')) as Record<'evaluation' | 'retention' | 'known' | 'unseen', string[]>

const heldOut = shipped('held-out')
const forbidden = new Set(heldOut.flatMap(({ specification, design }) => [fingerprint(specification), fingerprint(design!)]))

for (const name of ['replay', 'houses', 'probes']) {
  test(`nothing held out is in what ships as ${name}`, (t) => {
    const lines = shipped(name)
    t.true(lines.length > 100)
    for (const { specification, design, reference } of lines) {
      t.false(forbidden.has(fingerprint(specification)), specification)
      t.false(forbidden.has(fingerprint((design ?? reference)!)), specification)
    }
  })
}

test('nothing held out is in what the peers of the learning benchmark train on', (t) => {
  for (const regime of ['overlap', 'disjoint'] as const) {
    // Validation designs are of held-out points on purpose: nothing is trained on them.
    for (const { training } of peersOf(regime, 1, roles.evaluation, 0)) {
      for (const { specification, design } of training) {
        t.false(forbidden.has(fingerprint(specification)))
        t.false(forbidden.has(fingerprint(design)))
      }
    }
  }
})

test('every evaluation point of every family has a value that no training point of the family has', (t) => {
  for (const { name, trainingPoints, evaluationPoints } of families) {
    for (const point of evaluationPoints) {
      t.true(Object.keys(point).some((key) => trainingPoints.every((other) => other[key] !== point[key])), `${name} ${JSON.stringify(point)}`)
    }
  }
})

test('there are at least 64 held-out specifications of each evaluation and retention family, and 12 evaluation families with 4 quantum ones', (t) => {
  for (const name of [...roles.evaluation, ...roles.retention]) t.true(heldOut.filter(({ family }) => family === name).length >= 64, name)
  t.true(roles.evaluation.length >= 12)
  t.true(roles.evaluation.filter((name) => families.some((family) => family.name === name && family.domain === 'qasm')).length >= 4)
})
