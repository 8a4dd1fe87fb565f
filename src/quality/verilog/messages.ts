import type { DesignWarning, WarningKind } from '../types.js'

/** What a warning says about a design, and what it costs its grade: see docs/reference/metrics.md. */
const KINDS: readonly (readonly [RegExp, WarningKind, number])[] = [
  [/is implicitly declared/, 'implicit-net', 0.3],
  [/multiple conflicting drivers|drivers conflicting|Driver-driver conflict/i, 'multiple-drivers', 0.5],
  [/used but has no driver|is used but/i, 'undriven', 0.3],
  [/logic loop|combinational loop/i, 'combinational-loop', 0.5],
  [/[Ll]atch inferred/, 'latch', 0.2],
  [/is assigned in a (?:block|continuous assignment)/, 'procedural-net', 0.3],
  [/out of (?:bounds|range)/i, 'out-of-range', 0.3],
  [/[Rr]esizing cell port|truncat/i, 'width', 0.05],
]

/** Notes about how Yosys works, not about the design. */
const HARMLESS = /Replacing memory|Complex async reset|found and reported|Resizing cell port|Yosys has only limited support|was not found or not readable/i

/** Reads the lines that Yosys printed; one warning for each kind and place. */
export function readWarnings(messages: string): DesignWarning[] {
  const warnings = new Map<string, DesignWarning>()
  for (const line of messages.split('\n')) {
    const match = /^(?:(?:\w+\.sv):(\d+)[^:]*: )?Warning: (.*)$/.exec(line.trim())
    if (!match || HARMLESS.test(match[2]!) || warnings.size >= 50) continue
    const message = plain(match[2]!)
    const found = KINDS.find(([pattern]) => pattern.test(message))
    const at = match[1] ?? /\.sv:(\d+)/.exec(match[2]!)?.[1]
    const warning = { kind: found?.[1] ?? 'other', message, cost: found?.[2] ?? 0.05, ...at !== undefined && { line: Number(at) } } as const
    warnings.set(`${warning.kind} ${message}`, warning)
  }
  return [...warnings.values()]
}

/** The first error, as a person would say it: without the name of the virtual file and the escapes of RTLIL names. */
export function readError(messages: string): string {
  const lines = messages.split('\n').map((line) => line.trim())
  const at = lines.findIndex((line) => line.includes('ERROR: '))
  if (at < 0) return 'the tool stopped without a message'
  const match = /^(?:\w+\.sv:(\d+)[^:]*: )?ERROR: (.*)$/.exec(lines[at]!)
  return plain(`${match?.[1] === undefined || match[1] === '0' ? '' : `line ${match[1]}: `}${match?.[2] ?? lines[at]!}`)
}

export function gradeOf(warnings: readonly DesignWarning[]): number {
  return warnings.reduce((grade, warning) => grade * (1 - warning.cost), 1)
}

const plain = (text: string): string => text.replace(/[`']\\?([^`']+)'/g, '"$1"').replace(/\\(?=[A-Za-z_])/g, '').replace(/\s+/g, ' ').slice(0, 400)
