import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'

import * as z from 'zod'

import { findPackageRoot } from '../../src/config/index.js'
import type { NodeConfig } from '../../src/config/index.js'
import { NodeError } from '../errors.js'

const LARGEST_BYTES = 256 << 20

const domain = z.enum(['verilog', 'qasm'])
const pair = z.object({ domain, family: z.string(), specification: z.string(), design: z.string() })
const housePair = pair.extend({ house: z.string() })

/** A public pair of specification and design, with the family of designs that it belongs to. */
export type PublicPair = z.infer<typeof pair>
/** A pair of a fictional company, in its own style. */
export type HousePair = z.infer<typeof housePair>

const familiesSchema = z.object({ known: z.array(z.string()), evaluation: z.array(z.string()), unseen: z.array(z.string()) })
export type Families = z.infer<typeof familiesSchema>

/** The base model's folder. */
export function modelFolderOf(settings: Pick<NodeConfig, 'modelFolder'> = {}): string {
  return settings.modelFolder ?? join(findPackageRoot(), 'models', 'embedded')
}

/** A file that belongs to the base model; another base than the embedded one may do with the embedded one's public data, which are text. */
export function modelFile(name: string, modelFolder: string): string {
  const own = join(modelFolder, name)
  if (existsSync(own)) return own
  const embedded = join(modelFolderOf(), name)
  if (existsSync(embedded)) return embedded
  throw new NodeError('MODEL_DATA_MISSING', `neither ${modelFolder} nor the embedded base holds ${name}: install the package whole`)
}

/** Public pairs that are mixed into training, so that what the base knows is not forgotten. */
export function loadReplay(modelFolder: string): Promise<PublicPair[]> {
  return readLines(modelFile('replay.jsonl.gz', modelFolder), pair)
}

/** Public pairs that nobody trains on. */
export function loadHeldOut(modelFolder: string): Promise<PublicPair[]> {
  return readLines(modelFile('held-out.jsonl.gz', modelFolder), pair)
}

/** Designs of fictional companies, for the demo and the guide. */
export function loadHouses(modelFolder: string): Promise<HousePair[]> {
  return readLines(modelFile('houses.jsonl.gz', modelFolder), housePair)
}

/** Which families the base knows well, which a little, and which not at all. */
export async function loadFamilies(modelFolder: string): Promise<Families> {
  const file = modelFile('families.json', modelFolder)
  const parsed = familiesSchema.safeParse(json(await readBytes(file), file))
  if (!parsed.success) throw damaged(file, issueOf(parsed.error))
  return parsed.data
}

async function readLines<Schema extends z.ZodType>(file: string, schema: Schema): Promise<z.infer<Schema>[]> {
  const bytes = await promisify(gunzip)(await readBytes(file), { maxOutputLength: LARGEST_BYTES }).catch((error: unknown) => {
    throw damaged(file, `no gzip file of at most ${LARGEST_BYTES} bytes`, error)
  })
  return bytes.toString('utf8').split('\n').filter((line) => line !== '').map((line, at) => {
    const where = `${file} line ${at + 1}`
    const parsed = schema.safeParse(json(line, where))
    if (!parsed.success) throw damaged(where, issueOf(parsed.error))
    return parsed.data
  })
}

function readBytes(file: string): Promise<Buffer> {
  return readFile(file).catch((error: unknown) => { throw damaged(file, 'it cannot be read', error) })
}

function json(text: string | Buffer, where: string): unknown {
  try {
    return JSON.parse(text.toString('utf8'))
  } catch (error) {
    throw damaged(where, 'no JSON', error)
  }
}

function issueOf({ issues }: z.ZodError): string {
  const issue = issues[0]!
  return `${issue.path.join('.') || 'the line'}: ${issue.message}`
}

function damaged(where: string, what: string, cause?: unknown): NodeError {
  return new NodeError('MODEL_DATA_MISSING', `${where}: ${what}: install the package again`, { cause })
}
