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
  const parsed = familiesSchema.safeParse(JSON.parse(await readFile(file, 'utf8')))
  if (!parsed.success) throw damaged(file, parsed.error)
  return parsed.data
}

async function readLines<Schema extends z.ZodType>(file: string, schema: Schema): Promise<z.infer<Schema>[]> {
  const bytes = await promisify(gunzip)(await readFile(file), { maxOutputLength: LARGEST_BYTES })
  return bytes.toString('utf8').split('\n').filter((line) => line !== '').map((line, at) => {
    const parsed = schema.safeParse(JSON.parse(line))
    if (!parsed.success) throw damaged(`${file} line ${at + 1}`, parsed.error)
    return parsed.data
  })
}

function damaged(where: string, error: z.ZodError): NodeError {
  const issue = error.issues[0]!
  return new NodeError('MODEL_DATA_MISSING', `${where}: ${issue.path.join('.') || 'the line'}: ${issue.message}: install the package again`)
}
