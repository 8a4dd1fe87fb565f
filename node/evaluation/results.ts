import { mkdir, open, readFile } from 'node:fs/promises'
import { join } from 'node:path'

import * as z from 'zod'

import { writeAtomically } from '../../src/store/index.js'
import { NodeError } from '../errors.js'
import { codeOf } from '../control/errors.js'

const lineSchema = z.strictObject({
  suite: z.string(), problem: z.string(), sample: z.int().min(0), seed: z.int(),
  outcome: z.enum(['pass', 'fail', 'unknown']), reason: z.string(), tool: z.enum(['iverilog', 'yosys', 'simulator', 'none']),
  writingMs: z.number().min(0), checkingMs: z.number().min(0), design: z.string(),
})

/** One sample that was written and judged: a line of samples.jsonl. */
export type SampleResult = z.infer<typeof lineSchema>

/** What decides the results; an evaluation that goes on must have the same. Plain JSON. */
export type EvaluationSettings = Readonly<Record<string, unknown>>

const SETTINGS = 'settings.json'
const SAMPLES = 'samples.jsonl'
const SUMMARY = 'summary.json'
const LINE_END = 10

/** The results of one evaluation in a folder. A sample that was added survives every crash; a line that a crash tore is dropped. */
export class Results {
  readonly #done = new Map<string, SampleResult>()
  #last: Promise<unknown> = Promise.resolve()

  private constructor(readonly folder: string, private readonly file: Awaited<ReturnType<typeof open>>, private length: number, done: readonly SampleResult[]) {
    for (const result of done) {
      const key = keyOf(result.suite, result.problem, result.sample)
      if (!this.#done.has(key)) this.#done.set(key, result)
    }
  }

  /**
   * Begins an evaluation, or goes on with one.
   *
   * @param resume - whether the folder may hold results already
   * @throws NodeError EVALUATION_EXISTS, EVALUATION_CHANGED, EVALUATION_DAMAGED, EVALUATION_UNWRITABLE
   */
  static async open(folder: string, settings: EvaluationSettings, resume: boolean): Promise<Results> {
    try {
      await mkdir(folder, { recursive: true })
      const before = await bytesOf(join(folder, SETTINGS))
      const lines = await bytesOf(join(folder, SAMPLES)) ?? new Uint8Array()
      if (!resume && (before !== undefined || lines.length > 0)) {
        throw new NodeError('EVALUATION_EXISTS', `${folder} holds an evaluation: go on with it by --resume, or name another folder with --out`)
      }
      if (before === undefined && lines.length > 0) throw new NodeError('EVALUATION_DAMAGED', `${folder} holds ${SAMPLES} without ${SETTINGS}: name another folder with --out`)
      if (before !== undefined) refuseChange(Buffer.from(before).toString('utf8'), settings, folder)
      else await writeAtomically(join(folder, SETTINGS), Buffer.from(`${JSON.stringify(settings, undefined, 2)}\n`))
      const { done, length } = parseSamples(lines, join(folder, SAMPLES))
      const file = await open(join(folder, SAMPLES), 'a', 0o600)
      if (length < lines.length) {
        await file.truncate(length)
        await file.sync()
      }
      return new Results(folder, file, length, done)
    } catch (error) {
      throw error instanceof NodeError ? error : unwritable(folder, error)
    }
  }

  get all(): readonly SampleResult[] { return [...this.#done.values()] }

  has(suite: string, problem: string, sample: number): boolean {
    return this.#done.has(keyOf(suite, problem, sample))
  }

  /** Resolves once the line is on the disk. @throws NodeError EVALUATION_UNWRITABLE */
  add(result: SampleResult): Promise<void> {
    const added = this.#last.then(() => this.#append(result))
    this.#last = added.catch(() => undefined)
    return added
  }

  /** @throws NodeError EVALUATION_UNWRITABLE */
  async writeSummary(summary: object): Promise<string> {
    const path = join(this.folder, SUMMARY)
    await writeAtomically(path, Buffer.from(`${JSON.stringify(summary, undefined, 2)}\n`)).catch((error: unknown) => { throw unwritable(path, error) })
    return path
  }

  async close(): Promise<void> {
    await this.#last
    await this.file.close()
  }

  async #append(result: SampleResult): Promise<void> {
    const bytes = Buffer.from(`${JSON.stringify(result)}\n`)
    try {
      await this.file.writeFile(bytes)
      await this.file.datasync()
    } catch (error) {
      // What part of it was written must not stand between this line and the next.
      await this.file.truncate(this.length).catch(() => undefined)
      throw unwritable(this.folder, error)
    }
    this.length += bytes.length
    this.#done.set(keyOf(result.suite, result.problem, result.sample), result)
  }
}

/**
 * Samples that are whole, and how many bytes hold them: what stands behind the last line's end was torn by a crash.
 *
 * @throws NodeError EVALUATION_DAMAGED for a line before the last that is none
 */
export function parseSamples(bytes: Uint8Array, where: string): { readonly done: SampleResult[], readonly length: number } {
  const length = bytes.lastIndexOf(LINE_END) + 1
  const done = Buffer.from(bytes.subarray(0, length)).toString('utf8').split('\n').slice(0, -1).map((line, at) => {
    const parsed = lineSchema.safeParse(json(line))
    if (!parsed.success) throw new NodeError('EVALUATION_DAMAGED', `${where} line ${at + 1} is no result: remove the line, whose sample is then written anew, or name another folder with --out`)
    return parsed.data
  })
  return { done, length }
}

function refuseChange(before: string, settings: EvaluationSettings, folder: string): void {
  const known = json(before)
  if (typeof known !== 'object' || known === null) throw new NodeError('EVALUATION_DAMAGED', `${join(folder, SETTINGS)} is no JSON: name another folder with --out`)
  const now = JSON.parse(JSON.stringify(settings)) as Record<string, unknown>
  const then = known as Record<string, unknown>
  const changed = [...new Set([...Object.keys(now), ...Object.keys(then)])].filter((name) => JSON.stringify(now[name]) !== JSON.stringify(then[name]))
  if (changed.length === 0) return
  const described = changed.map((name) => `${name} was ${short(then[name])} and is ${short(now[name])}`).join(', ')
  throw new NodeError('EVALUATION_CHANGED', `the evaluation in ${folder} was begun otherwise (${described}): give the same again, or name another folder with --out`)
}

function short(value: unknown): string {
  const text = value === undefined ? 'not set' : JSON.stringify(value)
  return text.length > 100 ? `${text.slice(0, 97)}...` : text
}

const keyOf = (suite: string, problem: string, sample: number): string => JSON.stringify([suite, problem, sample])

async function bytesOf(path: string): Promise<Uint8Array | undefined> {
  return readFile(path).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  })
}

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function unwritable(where: string, cause: unknown): NodeError {
  return new NodeError('EVALUATION_UNWRITABLE', `results cannot be kept in ${where} (${cause instanceof Error ? cause.message : String(cause)}): give the right to write there, free some space, or name another folder with --out; what is done is kept, and --resume goes on`, { cause })
}
