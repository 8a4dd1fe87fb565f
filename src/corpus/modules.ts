import type { FoundDesign } from './example.js'
import { Directives } from './preprocess.js'
import { replaceSpans } from './spans.js'
import { codeOnly, commentText, pieces } from './text.js'

const MODULE = /\b(?:macro)?module\b/g
const END = /\bendmodule\b(?:[ \t]*:[ \t]*\w+)?/g
/** What may stand between a comment and the module that it is about. */
const NEUTRAL = /^[ \t]*`(?:timescale|default_nettype|include|resetall|celldefine)\b[^\n]*$/gm
const ATTRIBUTE = /\(\*[\s\S]*?\*\)/g
const IMPORT = /\bimport\b[^;]*;/g

/**
 * The modules of a Verilog file, each with the comment before it and what of the file it may need to parse.
 *
 * @param file - absolute path; `source` is what people call it
 */
export function verilogModules(text: string, source: string, file: string = source): FoundDesign[] {
  const code = codeOnly(text)
  const found: Omit<FoundDesign, 'surroundings'>[] = []
  const directives = new Directives()
  let surroundings = ''
  let from = 0
  for (;;) {
    MODULE.lastIndex = from
    const start = MODULE.exec(code)
    END.lastIndex = start?.index ?? code.length
    const end = start && END.exec(code)
    if (!start || !end) break
    const before = text.slice(from, start.index)
    surroundings += before
    directives.read(before, false)
    const stop = end.index + end[0].length
    const design = text.slice(start.index, stop)
    found.push({ domain: 'verilog', design, header: headerOf(before), prelude: directives.prelude, source, file })
    directives.read(design, true)
    from = stop
  }
  surroundings += text.slice(from)
  return found.map((one) => ({ ...one, surroundings }))
}

/** A whole OpenQASM file is one design. */
export function qasmProgram(text: string, source: string): FoundDesign[] {
  const code = codeOnly(text)
  const first = /\S/.exec(code)
  if (!first || !/\b(?:OPENQASM|qreg|qubit|gate)\b/.test(code)) return []
  return [{ domain: 'qasm', design: text.slice(first.index), header: headerOf(text.slice(0, first.index)), prelude: '', surroundings: '', source, file: source }]
}

/** What the comments at the top and those right before a design say; comments within other code are about that code. */
function headerOf(text: string): string {
  const blank = (part: string): string => part.replace(/[^\n]/g, ' ')
  const code = replaceSpans(replaceSpans(codeOnly(text).replace(NEUTRAL, blank), ATTRIBUTE, /\*\)/g, blank), IMPORT, /;/g, blank)
  const first = /\S/.exec(code)?.index ?? code.length
  const last = code.trimEnd().length
  let end = 0
  let said = ''
  for (const piece of pieces(text)) {
    if (piece.kind !== 'comment' || (piece.at >= first && piece.at < last)) continue
    const comment = commentText(piece.text)
    const apart = /\S|\n[^\S\n]*\n/.test(text.slice(end, piece.at)) || comment === ''
    said += (apart ? '\n\n' : '\n') + comment
    end = piece.at + piece.text.length
  }
  return said.replace(/\n{3,}/g, '\n\n').trim()
}
