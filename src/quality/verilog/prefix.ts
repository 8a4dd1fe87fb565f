import { tokenise } from './lexer.js'

/** What ends each construct that must be ended. */
const CLOSED_BY: Readonly<Record<string, string>> = {
  module: 'endmodule', begin: 'end', case: 'endcase', casex: 'endcase', casez: 'endcase', function: 'endfunction', task: 'endtask',
  generate: 'endgenerate', '(': ')', '[': ']', '{': '}', '(*': '*)',
}

const CLOSERS = new Set(Object.values(CLOSED_BY))

/** Directives that change nothing of what follows. */
const HARMLESS = new Set(['`timescale', '`default_nettype', '`resetall', '`celldefine', '`endcelldefine'])

/**
 * Why no continuation makes a text a design, if that is certain: something is closed that is not open, or a module begins within another.
 *
 * @param source - the beginning of a design; a token at its very end may be incomplete and is not judged
 */
export function hopelessVerilog(source: string): string | undefined {
  const open: string[] = []
  for (const { kind, text, start } of tokenise(source)) {
    if (start + text.length === source.length) break
    // What a macro stands for may hold anything.
    if (kind === 'directive' && !HARMLESS.has(text)) return undefined
    if (kind !== 'keyword' && kind !== 'operator') continue
    if (CLOSERS.has(text)) {
      const last = open.pop()
      const isClosed = last !== undefined && (CLOSED_BY[last] === text || (last === '(' && text === '*)'))
      if (!isClosed) return last === undefined ? `"${text}" closes nothing` : `"${text}" comes before the end of "${last}"`
    } else if (text === 'module' && open.length > 0) {
      return 'a module begins before the last one has ended'
    } else if (text in CLOSED_BY) {
      open.push(text)
    }
  }
  return undefined
}
