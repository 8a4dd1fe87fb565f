import type { FoundDesign } from './example.js'
import { codeOnly, commentText, pieces } from './text.js'

const MODULE = /\b(?:macro)?module\b/g
const END = /\bendmodule\b(?:[ \t]*:[ \t]*\w+)?/g
const DIRECTIVE = /^[ \t]*`(?:define|undef|timescale|default_nettype|ifdef|ifndef|else|elsif|endif)\b(?:[^\n\\]|\\\n|\\.)*$/gm

/** The modules of a Verilog file, each with the comment before it and the directives that stood before it. */
export function verilogModules(text: string, source: string): FoundDesign[] {
  const code = codeOnly(text)
  const found: FoundDesign[] = []
  let prelude = ''
  let from = 0
  for (;;) {
    MODULE.lastIndex = from
    const start = MODULE.exec(code)
    if (!start) return found
    END.lastIndex = start.index
    const end = END.exec(code)
    if (!end) return found
    const before = text.slice(from, start.index)
    prelude += directives(before, code.slice(from, start.index))
    const stop = end.index + end[0].length
    found.push({ domain: 'verilog', design: text.slice(start.index, stop), header: headerOf(before), prelude, source })
    from = stop
  }
}

/** A whole OpenQASM file is one design. */
export function qasmProgram(text: string, source: string): FoundDesign[] {
  const code = codeOnly(text)
  const first = /\S/.exec(code)
  if (!first || !/\b(?:OPENQASM|qreg|qubit|gate)\b/.test(code)) return []
  return [{ domain: 'qasm', design: text.slice(first.index), header: headerOf(text.slice(0, first.index)), prelude: '', source }]
}

function directives(text: string, code: string): string {
  let all = ''
  for (const match of code.matchAll(DIRECTIVE)) all += text.slice(match.index, match.index + match[0].length) + '\n'
  return all
}

/** What the comments before a design say. */
function headerOf(text: string): string {
  return pieces(text).filter((piece) => piece.kind === 'comment').map((piece) => commentText(piece.text)).filter((said) => said !== '').join('\n')
}
