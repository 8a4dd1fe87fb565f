import test from 'ava'
import fc from 'fast-check'

import { ARMS, experienceSchema, GREEDY_ARM, Strategy, taskClass } from '../../src/inference/index.js'
import type { Arm, Try } from '../../src/inference/index.js'
import { createRandom } from '../../src/telemetry/index.js'

const BOUNDS = { atLeast: 1, atMost: 16, mayRepair: false }

/** A world in which each way passes with its own chance and takes its own time. */
interface World {
  chance(arm: Arm, before: readonly Try[]): number
  milliseconds(arm: Arm): number
}

function serve(strategy: Strategy, world: World, tasks: number, seed: number, bounds = BOUNDS) {
  const random = createRandom(seed)
  const firsts: string[] = []
  let passed = 0
  let milliseconds = 0
  let tries = 0
  for (let task = 0; task < tasks; task++) {
    const made: Try[] = []
    for (;;) {
      const { arm } = strategy.choose('a class', made, bounds)
      if (arm === undefined) break
      if (made.length === 0) firsts.push(arm.name)
      const one = { arm, passed: random() < world.chance(arm, made), milliseconds: world.milliseconds(arm) }
      made.push(one)
      tries += 1
      milliseconds += one.milliseconds
      if (one.passed) break
    }
    strategy.learn('a class', made)
    if (made.some((one) => one.passed)) passed += 1
  }
  return { firsts, rate: 1000 * passed / milliseconds, passRate: passed / tasks, tries }
}

test('of ways that pass more or less often in the same time, the best is found and kept to', (t) => {
  const world: World = { chance: (arm) => (arm.name === 'temperature 0.6' ? 0.8 : 0.3), milliseconds: () => 1000 }
  const strategy = new Strategy(createRandom(1))
  serve(strategy, world, 150, 2)
  const { firsts } = serve(strategy, world, 100, 3)
  t.true(firsts.filter((name) => name === 'temperature 0.6').length > 70, firsts.join())
})

test('time counts as much as chance: what passes a little less often in a third of the time is taken', (t) => {
  const world: World = { chance: (arm) => (arm.width > 1 ? 0.9 : 0.5), milliseconds: (arm) => (arm.width > 1 ? 3000 : 1000) }
  const strategy = new Strategy(createRandom(4))
  serve(strategy, world, 150, 5)
  const { firsts } = serve(strategy, world, 100, 6)
  t.true(firsts.filter((name) => name.includes('at once')).length < 20, firsts.join())
})

test('a task that a first try does not settle is given up where further ones hardly ever help, and not where they do', (t) => {
  const hopeless: World = { chance: (_, before) => (before.length === 0 ? 0.6 : 0.01), milliseconds: () => 1000 }
  const hopeful: World = { chance: () => 0.6, milliseconds: () => 1000 }
  const [few, many] = [hopeless, hopeful].map((world) => {
    const strategy = new Strategy(createRandom(7))
    serve(strategy, world, 300, 8)
    return serve(strategy, world, 200, 9)
  })
  t.true(few!.tries < 1.6 * 200, `${few!.tries} tries of 200 tasks`)
  t.true(many!.passRate > 0.9, `${many!.passRate}`)
})

test('as many designs as are asked for are written before a task is given up, and never more than are allowed', (t) => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 0, max: 12 }), fc.integer(), (atLeast, more, seed) => {
    const bounds = { atLeast, atMost: atLeast + more, mayRepair: true }
    const strategy = new Strategy(createRandom(seed))
    for (let task = 0; task < 40; task++) {
      const made: Try[] = []
      for (;;) {
        const { arm, why } = strategy.choose('a class', made, bounds)
        t.not(why, '')
        if (arm === undefined) break
        made.push({ arm, passed: false, milliseconds: 500 })
      }
      const written = made.reduce((sum, { arm }) => sum + arm.width, 0)
      if (written < atLeast || written > bounds.atMost) return false
      // What is the same design again is not written again.
      if (made.filter(({ arm }) => arm === GREEDY_ARM).length > 1) return false
      strategy.learn('a class', made)
    }
    return true
  }), { numRuns: 30 })
})

test('what was learnt survives a restart, and counts half for another model', (t) => {
  const world: World = { chance: (arm) => (arm === GREEDY_ARM ? 0.7 : 0.2), milliseconds: () => 800 }
  const strategy = new Strategy(createRandom(10))
  serve(strategy, world, 60, 11)
  const kept = experienceSchema.parse(JSON.parse(JSON.stringify(strategy.state)))
  const restored = new Strategy(createRandom(10), kept)
  t.deepEqual(restored.explain('a class'), strategy.explain('a class'))
  t.deepEqual(restored.choose('a class', [], BOUNDS).why.length > 0, true)
  t.true(restored.explain('a class')[0]!.startsWith('first try: greedy'), restored.explain('a class').join('\n'))
  const tried = (one: Strategy): number => Object.values(one.state.tries).reduce((sum, { passed, failed }) => sum + passed + failed, 0)
  const before = tried(restored)
  restored.modelChanged()
  t.true(Math.abs(tried(restored) - before / 2) < 1e-6)
})

test('a class of which nothing is known starts from what is known of the others', (t) => {
  const strategy = new Strategy(createRandom(12))
  const best = ARMS.find(({ name }) => name === 'temperature 0.9')!
  for (let task = 0; task < 60; task++) strategy.learn('known', [{ arm: best, passed: true, milliseconds: 300 }])
  for (let task = 0; task < 60; task++) strategy.learn('known', [{ arm: GREEDY_ARM, passed: false, milliseconds: 300 }])
  const chosen = Array.from({ length: 40 }, () => strategy.choose('new', [], BOUNDS).arm!.name)
  t.true(chosen.filter((name) => name === best.name).length > 25, chosen.join())
})

test('tasks are told apart by language, length and whether they ask for state', (t) => {
  t.is(taskClass('verilog', 'An 8-bit counter with synchronous reset.'), 'verilog, clocked, short')
  t.is(taskClass('verilog', 'A 4-to-1 multiplexer.'), 'verilog, combinational, short')
  t.is(taskClass('qasm', 'x'.repeat(700)), 'qasm, long')
})
