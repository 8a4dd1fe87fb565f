import { replaceSpans } from './spans.js'
import { withoutComments } from './text.js'

const BUILT_IN = 'int|integer|logic|bit|byte|shortint|longint|real|realtime|time|string|reg|wire|signed|unsigned|type|var|automatic'
const TYPED_PARAMETER = new RegExp(`\\b(parameter|localparam)\\s+(?!(?:${BUILT_IN})\\b)[A-Za-z_]\\w*\\s+(?:\\[[^\\]]*\\]\\s*)*(?=[A-Za-z_]\\w*\\s*(?:\\[[^\\]]*\\]\\s*)*=)`, 'g')
/** Of several dimensions. */
const ARRAY_PARAMETER = /\b(parameter|localparam)\s+(?:logic|bit|int|integer)(?:\s+(?:un)?signed)?\s*(?:\[[^\]]*\]\s*){2,}(?=[A-Za-z_]\w*\s*=)/g
const TYPE_PARAMETER = /\b(?:parameter|localparam)\s+type\s+([A-Za-z_]\w*)\s*=\s*(struct\s+packed\s*\{[^}]*\}|[A-Za-z_]\w*)(?:\s+(?:un)?signed)?(?:\s*\[[^\]]*\])*/g
const UNPACKED_PORT = /\b(input|output)\b(\s+(?:wire|logic|reg|bit)\b)?\s*((?:\[[^\]]*\]\s*)*)([A-Za-z_]\w*)\s*((?:\[[^\]]*\]\s*)+)(?=[,)])/g
const ASSERTION = /(?:\b[A-Za-z_]\w*\s*:\s*)?\b(?:assert|assume|cover|restrict)\b\s*(?:property\b|final\b|#0)?\s*(?=\()/g

/**
 * Verilog in the words that Yosys 0.55 knows, for the question whether it parses, and for no other: the result may compute something else.
 * Packages become definitions of the file (`import` and `package::` go away), parameters lose types of the user's, parameters that are types become
 * types, `return` becomes an assignment of the function, patterns become concatenations, assertions go away, and memories are not filled from files,
 * of which the checker sees none.
 */
export function readable(text: string): string {
  let code = withoutComments(text)
  code = replaceSpans(code, /\bproperty\b(?!\s*\()[\s\S]*?\bendproperty\b(?:[ \t]*:[ \t]*\w+)?/g, /\bendproperty\b(?:[ \t]*:[ \t]*\w+)?/g, '')
  code = replaceSpans(code, /\bsequence\b[\s\S]*?\bendsequence\b(?:[ \t]*:[ \t]*\w+)?/g, /\bendsequence\b(?:[ \t]*:[ \t]*\w+)?/g, '')
  code = code
    .replace(/\bimport\s+\w+\s*::\s*(?:\w+|\*)\s*(?:,\s*\w+\s*::\s*(?:\w+|\*)\s*)*;/g, '')
    .replace(/\b[A-Za-z_]\w*\s*::\s*(?=[A-Za-z_])/g, '')
    .replace(/\b(end(?:function|task))[ \t]*:[ \t]*\w+/g, '$1')
    .replace(/\bautomatic\s+(?=(?:logic|bit|int|reg|integer)\b)/g, '')
    // -1 stands for what every instance must set; a width of -1 keeps Yosys busy for ever.
    .replace(/(\bparameter\b[^=;]*=\s*)-\s*1\b(?=\s*[,;)])/g, (_, left: string) => `${left}8`)
    .replace(/\b(?:logic|bit)\s*'\s*(?=\()/g, '1\'')
    .replace(/\$readmem[hb]\s*\([^;]*;/g, ';')
  code = withoutCalls(code, ASSERTION, (rest) => /^\s*else\b[^;]*;|^\s*;/.exec(rest)?.[0].length ?? 0, ';')
  code = withoutCalls(code, /\bvoid\s*'\s*(?=\()/g, () => 0, '')
  code = withoutCalls(code, /\$(?:value|test)\$plusargs\s*(?=\()/g, () => 0, '0')
  return withPatterns(withReturns(withPackedPorts(withTypes(code)).replace(ARRAY_PARAMETER, '$1 ').replace(TYPED_PARAMETER, '$1 ')))
}

const ENUMERATION = /\btypedef\s+enum\b\s*([^{;]*)\{([^{}]*)\}\s*(\w+)\s*;/g

/** Enumerations of a file become constants: Yosys does not know how wide their values are where a parameter is given one. */
export function withConstants(definitions: string): string {
  return definitions.replace(ENUMERATION, (whole, base: string, body: string, name: string) => {
    const values = body.split(',').map((value) => value.trim()).filter((value) => value !== '')
    if (values.some((value) => !/^\w+\s*(?:=[\s\S]*)?$/.test(value))) return whole
    const type = /^(?:logic|bit|reg)\b/.test(base.trim()) ? base.trim() : 'logic [31:0]'
    let previous: string | undefined
    const constants = values.map((value) => {
      const [, constant = '', given] = /^(\w+)\s*(?:=([\s\S]*))?$/.exec(value)!
      const line = `localparam ${type} ${constant} = ${given?.trim() ?? (previous === undefined ? '0' : `${previous} + 1`)};\n`
      previous = constant
      return line
    })
    return `typedef ${type} ${name};\n${constants.join('')}`
  })
}

/** Characters after a call in which its end is looked for. */
const LONGEST_TAIL = 4000

/** Replaces calls with their arguments and what `tail` measures after them. */
function withoutCalls(code: string, call: RegExp, tail: (rest: string) => number, by: string): string {
  let result = ''
  let end = 0
  for (const match of code.matchAll(call)) {
    if (match.index < end) continue
    const close = closing(code, match.index + match[0].length)
    result += code.slice(end, match.index) + by
    end = close + tail(code.slice(close, close + LONGEST_TAIL))
  }
  return result + code.slice(end)
}

/** Where the bracket that opens at `start` has been closed. */
function closing(code: string, start: number): number {
  let depth = 0
  for (let i = start; i < code.length; i++) {
    if ('([{'.includes(code[i]!)) depth++
    else if (')]}'.includes(code[i]!) && --depth <= 0) return i + 1
  }
  return code.length
}

/** `parameter type T = logic` becomes a type of the file, and what an instance sets it to a number under another name. */
function withTypes(code: string): string {
  const types = new Map<string, string>()
  const declared = code.replace(TYPE_PARAMETER, (_, name: string, type: string) => {
    types.set(name, types.has(type) ? 'logic' : type)
    return `parameter type_${name} = 0`
  })
  const definitions = [...types].map(([name, type]) => `typedef ${type} ${name};\n`).join('')
  const known = [...types.keys(), ...[...code.matchAll(/\btypedef\b[^;{]{0,400}(?:\{[^}]{0,4000}\}[^;{]{0,400})?\b(\w+)\s*;/g)].map((match) => match[1]!), 'logic', 'bit']
  const type = `(?:${[...new Set(known)].join('|')})\\b(?:\\s*\\[[^\\]]*\\])*\\s*`
  return definitions + declared
    .replace(new RegExp(`\\.\\s*(\\w+)\\s*\\(\\s*${type}\\)`, 'g'), '.type_$1(0)')
    .replace(new RegExp(`\\$(?:bits|size)\\s*\\(\\s*${type}\\)`, 'g'), '32')
}

/** Arrays of ports become one port with a dimension more. */
function withPackedPorts(code: string): string {
  return code.replace(UNPACKED_PORT, (_, direction: string, kind: string | undefined, packed: string, name: string, sizes: string) =>
    `${direction}${kind ?? ''} ${sizes.replace(/\[([^\]:]*)\]/g, '[($1)-1:0]').trim()}${packed.trim()} ${name}`)
}

/** `'{default: x}` is read as `x`, and `'{a: x, b: y}` as `{x, y}`. */
function withPatterns(code: string): string {
  if (!code.includes('\'{')) return code
  return code
    .replace(/'\{\s*default\s*:\s*([^{},]+)\}/g, '$1')
    .replace(/'\{/g, '{')
    .replace(/([{,]\s*)(?:default|[A-Za-z_]\w*)\s*:\s*(?=[^:\s])/g, '$1')
}

function withReturns(code: string): string {
  if (!/\breturn\b/.test(code)) return code
  return replaceSpans(code, /\bfunction\b([^;(]*)[\s\S]*?\bendfunction\b/g, /\bendfunction\b/g, (whole, head = '') => {
    const name = /(?<!\w)(\w+)\s*$/.exec(head)?.[1]
    return name === undefined ? whole : whole.replace(/\breturn\b\s*(?=[^\s;])/g, `${name} = `).replace(/\breturn\s*;/g, ';')
  })
}
