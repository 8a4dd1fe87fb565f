import test from 'ava'

import { createLogger, createVirtualClock } from '../../src/telemetry/index.js'
import type { LoggerOptions } from '../../src/telemetry/index.js'

function logged(options: LoggerOptions = {}): { lines: string[], log: ReturnType<typeof createLogger> } {
  const lines: string[] = []
  return { lines, log: createLogger({ write: (line) => lines.push(line), clock: createVirtualClock(0), ...options }) }
}

test('a line for people has time, level, message and fields', (t) => {
  const { lines, log } = logged()
  log.info('round closed', { round: 7, peers: ['a', 'b'], note: 'two words', none: undefined })
  t.deepEqual(lines, ['1970-01-01T00:00:00.000Z info  round closed round=7 peers="[\\"a\\",\\"b\\"]" note="two words"'])
})

test('a line for machines is one JSON object', (t) => {
  const { lines, log } = logged({ json: true })
  log.child({ room: 'network' }).warn('refused', { bytes: new Uint8Array(3), large: 5n, error: Object.assign(new Error('broken'), { code: 'BROKEN' }) })
  t.deepEqual(lines.map((line) => JSON.parse(line) as unknown), [{
    time: '1970-01-01T00:00:00.000Z', level: 'warn', message: 'refused', room: 'network', bytes: '3 bytes', large: '5', error: { code: 'BROKEN', message: 'broken' },
  }])
})

test('lines below the level are left out', (t) => {
  const { lines, log } = logged({ level: 'warn' })
  log.debug('a')
  log.info('b')
  log.warn('c')
  log.error('d')
  t.deepEqual(lines.map((line) => line.slice(-1)), ['c', 'd'])
})

test('a stranger\'s text cannot start a line of its own, nor pass for the line\'s level', (t) => {
  for (const json of [false, true]) {
    const { lines, log } = logged({ json })
    log.info('said\n1970-01-01T00:00:00.000Z error all is lost', { name: 'x\ny', level: 'error' })
    t.is(lines.length, 1)
    t.false(lines[0]!.includes('\n'))
    if (json) t.like(JSON.parse(lines[0]!), { level: 'info', level_: 'error' })
  }
})

test('a field that refers to itself is logged without it', (t) => {
  const { lines, log } = logged({ json: true })
  const circle: Record<string, unknown> = {}
  circle['self'] = circle
  log.info('odd', { circle })
  t.like(JSON.parse(lines[0]!), { circle: '[not serialisable]' })
})
