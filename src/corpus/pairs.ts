import * as z from 'zod'

import { CorpusError } from './errors.js'
import type { FoundDesign, Reason } from './example.js'

const LARGEST_PAIRS_BYTES = 64 << 20
const pair = z.object({ specification: z.string().min(1).max(20_000), design: z.string().min(1).max(200_000), domain: z.enum(['verilog', 'qasm']).optional() })

type Found = { readonly kind: 'design', readonly design: FoundDesign } | { readonly kind: 'left out', readonly reason: Reason }

/**
 * Pairs of specification and design, one JSON object a line.
 *
 * @throws CorpusError CORPUS_PAIRS_INVALID with the line
 */
export function* readPairs(bytes: Uint8Array, name: string): Generator<Found> {
  if (bytes.length > LARGEST_PAIRS_BYTES) {
    yield { kind: 'left out', reason: 'too large' }
    return
  }
  const lines = new TextDecoder().decode(bytes).split('\n')
  for (const [at, line] of lines.entries()) {
    if (line.trim() === '') continue
    const parsed = pair.safeParse(parseJson(line))
    if (!parsed.success) {
      const issue = parsed.error.issues[0]!
      throw new CorpusError('CORPUS_PAIRS_INVALID', `${name} line ${at + 1}: ${issue.path.join('.') || 'the line'}: ${issue.message}. Each line is {"specification": ..., "design": ...}`)
    }
    const { specification, design, domain } = parsed.data
    const found = domain ?? (/\b(?:OPENQASM|qreg|qubit)\b/.test(design) ? 'qasm' : 'verilog')
    yield { kind: 'design', design: { domain: found, design, specification, header: '', prelude: '', surroundings: '', file: name, source: `${name}:${at + 1}` } }
  }
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line) as unknown
  } catch {
    return undefined
  }
}
