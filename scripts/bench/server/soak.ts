import { createConnection } from 'node:net'

import { repeatableRandom } from '../bench-model.js'
import { processes, proportionalSetSize, treeOf } from '../process-memory.js'
import { median, say } from '../report.js'
import type { StartedServer } from './started-server.js'

/** Requests at a time. */
const WORKERS = 8
/** An answer that takes longer hangs; milliseconds. */
const PATIENCE = 60_000
/** Memory is compared with what it was after so many requests, or a tenth of them where there are fewer. */
const WARM = 1000
const GROWTH = 1.1
const SPECIFICATION = 'Write module inv8, an 8-bit inverter with input [7:0] a and output [7:0] y. y is the bitwise complement of a.'

export interface Soak {
  readonly soak_failures: number
  readonly requests: number
  readonly serverErrors: number
  readonly hung: number
  /** Bytes. */
  readonly memoryWarm: number
  readonly memoryEnd: number
  /** At every thousand requests, without waiting for rest. */
  readonly memoryOnTheWay: readonly number[]
  readonly statuses: Readonly<Record<string, number>>
}

interface Counts {
  serverErrors: number
  hung: number
  readonly statuses: Record<string, number>
}

type Ask = (root: string, random: () => number) => Promise<string>

/** What clients do, with how often. Each answers with a status, or with what became of it. */
const KINDS: readonly (readonly [number, Ask])[] = [
  [30, (root, random) => chat(root, { max_tokens: 1 + Math.floor(random() * 6), seed: Math.floor(random() * 1e6), temperature: random() < 0.5 ? 0 : 1, n: random() < 0.1 ? 3 : 1 })],
  [15, (root, random) => chat(root, { max_tokens: 1 + Math.floor(random() * 6), stream: true, stream_options: { include_usage: true } })],
  [20, leaveStream],
  [5, (root, random) => leaveAtOnce(root, random() * 20)],
  [15, (root, random) => post(root, `/v1/${random() < 0.5 ? 'chat/completions' : 'completions'}`, malformed(random))],
  [5, (root, random) => raw(root, random)],
  [10, async (root, random) => String((await fetch(root + ['/health', '/metrics', '/v1/models', '/v1/models/nothing', '/nowhere'][Math.floor(random() * 5)]!)).status)],
]

/** Many requests, among them such as are cancelled or malformed: counts what the server did wrong. */
export async function soak({ root, processId }: StartedServer, requests: number): Promise<Soak> {
  const random = repeatableRandom(17)
  const counts: Counts = { serverErrors: 0, hung: 0, statuses: {} }
  const warm = Math.min(WARM, Math.floor(requests / 10))
  await run(root, random, warm, counts)
  const memoryWarm = await memoryOf(processId)
  say(`after ${warm} requests ${(memoryWarm / 2 ** 20).toFixed(0)} MiB`)
  const memoryOnTheWay: number[] = []
  for (let done = warm; done < requests; done += WARM) {
    await run(root, random, Math.min(WARM, requests - done), counts)
    memoryOnTheWay.push(memoryNow(processId))
    say(`${Math.min(requests, done + WARM)} requests, ${(memoryOnTheWay.at(-1)! / 2 ** 20).toFixed(0)} MiB: ${JSON.stringify(counts.statuses)}`)
  }
  if (!await becomesIdle(root)) counts.hung += 1
  const memoryEnd = await memoryOf(processId)
  say(`after ${requests} requests ${(memoryEnd / 2 ** 20).toFixed(0)} MiB`)
  return {
    soak_failures: counts.serverErrors + counts.hung + (memoryEnd > memoryWarm * GROWTH ? 1 : 0),
    requests, memoryWarm, memoryEnd, memoryOnTheWay, ...counts,
  }
}

async function run(root: string, random: () => number, requests: number, counts: Counts): Promise<void> {
  let left = requests
  await Promise.all(Array.from({ length: WORKERS }, async () => {
    while (left > 0) {
      left -= 1
      const status = await within(drawKind(random)(root, random))
      counts.statuses[status] = (counts.statuses[status] ?? 0) + 1
      if (/^5\d\d$/.test(status)) counts.serverErrors += 1
      // A connection that breaks unasked is as bad as none.
      if (status === 'hung' || status === 'broken') counts.hung += 1
    }
  }))
}

function drawKind(random: () => number): Ask {
  let at = random() * KINDS.reduce((sum, [often]) => sum + often, 0)
  return (KINDS.find(([often]) => (at -= often) < 0) ?? KINDS[0]!)[1]
}

async function within(asked: Promise<string>): Promise<string> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<string>((resolve) => { timer = setTimeout(() => resolve('hung'), PATIENCE) })
  const status = await Promise.race([asked.catch(() => 'broken'), late])
  clearTimeout(timer)
  return status
}

function chat(root: string, more: object): Promise<string> {
  return post(root, '/v1/chat/completions', JSON.stringify({ messages: [{ role: 'user', content: SPECIFICATION }], ...more }))
}

async function post(root: string, path: string, body: string | Uint8Array<ArrayBuffer>): Promise<string> {
  const response = await fetch(root + path, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
  const text = await response.text()
  if (!response.ok) return String(response.status)
  return text.includes('"error":') || (text.startsWith('data: ') && !text.endsWith('data: [DONE]\n\n')) ? '500' : String(response.status)
}

/** Reads a little of a long stream, and goes. */
async function leaveStream(root: string): Promise<string> {
  const leaving = new AbortController()
  const response = await fetch(`${root}/v1/chat/completions`, {
    method: 'POST', headers: { 'content-type': 'application/json' }, signal: leaving.signal,
    body: JSON.stringify({ messages: [{ role: 'user', content: SPECIFICATION }], stream: true, temperature: 2, max_tokens: 900 }),
  })
  if (response.ok) await response.body!.getReader().read()
  leaving.abort()
  return response.ok ? 'left' : String(response.status)
}

/** Goes before there is an answer. */
async function leaveAtOnce(root: string, milliseconds: number): Promise<string> {
  const body = JSON.stringify({ prompt: SPECIFICATION, max_tokens: 900, temperature: 2 })
  const signal = AbortSignal.timeout(Math.max(1, Math.ceil(milliseconds)))
  return fetch(`${root}/v1/completions`, { method: 'POST', signal, headers: { 'content-type': 'application/json' }, body })
    .then(async (response) => (await response.text(), String(response.status)), () => 'left')
    .catch(() => 'left')
}

function malformed(random: () => number): string | Uint8Array<ArrayBuffer> {
  const message = { role: 'user', content: SPECIFICATION }
  const bodies: readonly (() => string | Uint8Array<ArrayBuffer>)[] = [
    () => '', () => '{', () => 'null', () => '[]', () => '"text"', () => '{"messages": "hello"}',
    () => Uint8Array.of(0x7B, 0x22, 0xFF, 0xFE, 0x22, 0x3A, 0x31, 0x7D),
    () => '['.repeat(50_000),
    () => 'x'.repeat((1 << 20) + 10),
    () => JSON.stringify({ messages: [message], n: 99 }),
    () => JSON.stringify({ messages: [message], max_tokens: -5 }),
    () => JSON.stringify({ messages: [message], max_tokens: 1e15 }),
    () => JSON.stringify({ messages: [message], model: 'no such model' }),
    () => JSON.stringify({ messages: [message], stop: ['', 3] }),
    () => JSON.stringify({ messages: [{ role: 'user', content: 'word '.repeat(20_000) }] }),
    () => JSON.stringify({ messages: [{ role: 'user', content: 'x'.repeat(500_000) }] }),
    () => JSON.stringify({ messages: [message], response_format: { type: 'json_object' }, max_tokens: 3 }),
    () => JSON.stringify({ prompt: [-1, 5e9] }),
    () => JSON.stringify({ prompt: 'x', suffix: 'y' }),
    () => JSON.stringify({ messages: [message], meshwright: { verify: 'yes' } }),
    () => Array.from({ length: Math.floor(random() * 200) }, () => String.fromCharCode(Math.floor(random() * 0x250))).join(''),
  ]
  return bodies[Math.floor(random() * bodies.length)]!()
}

/** Bytes that are no request, or only the beginning of one. */
function raw(root: string, random: () => number): Promise<string> {
  const texts = ['\r\n\r\n', 'GET\r\n\r\n', 'POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"prompt"', `GET /${'x'.repeat(20_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`, 'GET /v1/models HTTP/1.1\r\nHost: evil.example.com\r\n\r\n']
  return new Promise((resolve, reject) => {
    const socket = createConnection(Number(new URL(root).port), '127.0.0.1')
    socket.on('connect', () => {
      socket.write(texts[Math.floor(random() * texts.length)]!)
      setTimeout(() => socket.destroy(), 5)
    })
    socket.on('error', (error: NodeJS.ErrnoException) => { if (error.code === 'ECONNREFUSED') reject(error) })
    socket.on('close', () => resolve('raw'))
    socket.resume()
  })
}

async function becomesIdle(root: string): Promise<boolean> {
  const end = performance.now() + PATIENCE
  while (performance.now() < end) {
    const { running, waiting } = await (await fetch(`${root}/health`)).json() as { running: number, waiting: number }
    if (running === 0 && waiting === 0) return true
    await pause(50)
  }
  return false
}

/** Of the process and those it started; the median of some moments while it rests. */
async function memoryOf(processId: number): Promise<number> {
  const seen: number[] = []
  for (let i = 0; i < 5; i++) {
    await pause(400)
    seen.push(memoryNow(processId))
  }
  return median(seen)
}

function memoryNow(processId: number): number {
  return treeOf(processId, processes()).reduce((sum, { id }) => sum + proportionalSetSize(id), 0)
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => { setTimeout(resolve, milliseconds) })
}
