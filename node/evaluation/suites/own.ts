import * as z from 'zod'

import type { Problem } from '../problem.js'
import { invalid } from './files.js'

const text = (longest: number) => z.string().min(1).max(longest)

const lineSchema = z.strictObject({
  id: text(200),
  domain: z.enum(['verilog', 'qasm']),
  specification: text(20_000),
  category: text(200).optional(),
  header: text(20_000).optional(),
  top: z.string().regex(/^[A-Za-z_]\w*$/, 'a plain name').optional(),
  reference: text(200_000).optional(),
  testbench: text(200_000).optional(),
})

/**
 * Our own form: JSON lines `{id, domain, specification, reference?, testbench?, top?, category?, header?}`.
 *
 * @throws NodeError SUITE_INVALID, which names the line
 */
export function readOwn(content: string, file: string, suite: string): Problem[] {
  return content.split('\n').flatMap((line, at): Problem[] => {
    if (line.trim() === '') return []
    const where = `${file} line ${at + 1}`
    const parsed = lineSchema.safeParse(json(line, where))
    if (!parsed.success) {
      const issue = parsed.error.issues[0]!
      throw invalid(where, `${issue.path.join('.') || 'the line'}: ${issue.message}`)
    }
    const { data } = parsed
    if (data.reference === undefined && data.testbench === undefined) throw invalid(where, 'there is neither a reference nor a testbench, so nothing could decide')
    if (data.domain === 'qasm' && data.testbench !== undefined) throw invalid(where, 'OpenQASM has no testbenches: give a reference')
    return [{ ...Object.fromEntries(Object.entries(data).filter(([, value]) => value !== undefined)) as typeof data, suite } as Problem]
  })
}

function json(line: string, where: string): unknown {
  try {
    return JSON.parse(line)
  } catch (error) {
    throw invalid(where, 'it is no JSON', error)
  }
}
