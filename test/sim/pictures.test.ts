import test from 'ava'

import { slopeOfLogs } from '../../scripts/bench/sim/slope.js'
import { readOptions } from '../../scripts/sim/arguments.js'
import { MessageLog } from '../../scripts/sim/message-log.js'
import { messagesPicture } from '../../scripts/sim/messages-picture.js'
import { DEFAULT_WORLD } from '../../scripts/sim/options.js'
import { Simulation } from '../../scripts/sim/simulation.js'
import { newestViews, treeOf, treePicture } from '../../scripts/sim/tree-picture.js'

/** Every number of these attributes in a picture. */
function numbers(picture: string, ...attributes: string[]): number[] {
  return attributes.flatMap((attribute) => [...picture.matchAll(new RegExp(` ${attribute}="([^"]*)"`, 'g'))].map(([, value]) => Number(value)))
}

test('the pictures of a run lie within their frames and show every member and every message', async (t) => {
  const log: MessageLog = new MessageLog(() => simulation.world.clock.now())
  const simulation: Simulation = new Simulation({ ...DEFAULT_WORLD, peers: 26, upperEvery: 100 }, { watcher: log })
  await simulation.open()
  for (let round = 0; round < 2; round++) await simulation.round()
  const views = newestViews(simulation.world.inhabitants)
  simulation.stop()

  const tree = treePicture(views)
  const [width, height] = /viewBox="0 0 (\d+) (\d+)"/.exec(tree)!.slice(1).map(Number)
  t.true(numbers(tree, 'x', 'x1', 'x2').every((x) => x >= 0 && x <= width!))
  t.true(numbers(tree, 'y', 'y1', 'y2').every((y) => y >= 0 && y <= height!))
  t.is(views.filter(({ level }) => level === 0).reduce((sum, { members }) => sum + members.length, 0), 26)
  t.is([...tree.matchAll(/fill="#2f855a" stroke/g)].length, 26)

  const messages = messagesPicture(log, 1)
  t.true(numbers(messages, 'cx').every((x) => x >= 0 && x <= 1200))
  const shown = Number(/: (\d+) messages/.exec(messages)![1])
  const inLegend = [...messages.matchAll(/ r="3.5"/g)].length
  t.is([...messages.matchAll(/<circle /g)].length, shown + inLegend)
  t.true(shown > 50)
})

test('a tree of any depth is drawn from the views of its clusters', (t) => {
  const cluster = (id: string, level: number, members: readonly string[]) => ({ id, level, domain: '', round: 1, head: undefined, members: members.map((peer) => ({ peer })) })
  const views = [cluster('top', 2, ['m.0', 'm.1']), cluster('m.0', 1, ['a', 'b']), cluster('m.1', 1, ['c']), ...['a', 'b', 'c'].map((id) => cluster(id, 0, ['x', 'y']))]
  const [root, ...more] = treeOf(views)
  t.deepEqual(more, [])
  t.deepEqual(root!.children.map(({ view, children }) => [view.id, children.map((child) => child.view.id)]), [['m.0', ['a', 'b']], ['m.1', ['c']]])
  t.true(treePicture(views).includes('3 levels'))
  t.is(treeOf(views.slice(3)).length, 3)
})

test('the slope of logarithms tells how something grows', (t) => {
  t.true(Math.abs(slopeOfLogs([[10, 20], [100, 200], [1000, 2000]]) - 1) < 1e-12)
  t.true(Math.abs(slopeOfLogs([[10, 5], [1000, 5]])) < 1e-12)
})

test('options that cannot be are refused with what may be written', (t) => {
  t.is(readOptions(['--peers', '12', '--churn', '0.3', '--behaviours', 'zero,lying']).world.behaviours.length, 2)
  for (const words of [['--peers', '0'], ['--churn', '2'], ['--loss', 'x'], ['--links', 'moon'], ['--behaviours', 'kind'], ['--seed', '1.5'], ['--churn', '']]) {
    t.throws(() => readOptions(words), { instanceOf: RangeError, message: /write / })
  }
})
