import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'

import * as z from 'zod'

import { contentId } from '../identity/index.js'
import type { ContentId } from '../identity/index.js'
import type { Domain } from '../quality/index.js'
import { AuditError } from './errors.js'

/** A public specification with its reference, and designs that are nearly right: each was proved different from the reference. */
export interface Probe {
  readonly id: ContentId
  readonly domain: Domain
  readonly family: string
  readonly specification: string
  readonly reference: string
  readonly nearMisses: readonly string[]
}

/** The probes of a network, in an order that all its peers share. */
export interface ProbePool {
  readonly probes: readonly Probe[]
  /** Hash of the pool's file: peers with another pool cannot check each other's audits. */
  readonly contentId: ContentId
}

const LARGEST_POOL_BYTES = 256 << 20

const text = z.string().min(1).max(20_000)
const probeSchema = z.object({
  domain: z.enum(['verilog', 'qasm']),
  family: z.string().min(1).max(100),
  specification: text,
  reference: text,
  nearMisses: z.array(text).min(1).max(64),
})

/**
 * Reads a pool: JSON lines, compressed with gzip.
 *
 * @throws AuditError AUDIT_POOL_UNREADABLE, AUDIT_POOL_INVALID, AUDIT_POOL_EMPTY
 */
export async function loadProbePool(file: string): Promise<ProbePool> {
  const bytes = await readFile(file).catch((error: unknown) => {
    throw new AuditError('AUDIT_POOL_UNREADABLE', `the probe pool ${file} cannot be read: reinstall the package, or point "probes" at the network's pool`, { cause: error })
  })
  const lines = await promisify(gunzip)(bytes, { maxOutputLength: LARGEST_POOL_BYTES }).catch((error: unknown) => {
    throw new AuditError('AUDIT_POOL_INVALID', `${file} is no gzip file of at most ${LARGEST_POOL_BYTES} bytes: fetch the network's pool again`, { cause: error })
  })
  return { probes: parseProbes(lines.toString('utf8'), file), contentId: contentId(bytes) }
}

/** @throws AuditError AUDIT_POOL_INVALID, AUDIT_POOL_EMPTY */
export function parseProbes(lines: string, file: string): Probe[] {
  const probes: Probe[] = []
  for (const [at, line] of lines.split('\n').entries()) {
    if (line === '') continue
    const parsed = probeSchema.safeParse(json(line))
    if (!parsed.success) {
      const issue = parsed.error.issues[0]!
      throw new AuditError('AUDIT_POOL_INVALID', `${file} line ${at + 1}: ${issue.path.join('.') || 'the line'}: ${issue.message}: fetch the network's pool again`)
    }
    probes.push({ id: contentId(new TextEncoder().encode(line)), ...parsed.data })
  }
  if (probes.length === 0) throw new AuditError('AUDIT_POOL_EMPTY', `${file} holds no probe: fetch the network's pool again`)
  return probes
}

function json(line: string): unknown {
  try {
    return JSON.parse(line) as unknown
  } catch {
    return undefined
  }
}
