export type TokenKind = 'comment' | 'string' | 'number' | 'name' | 'keyword' | 'system' | 'directive' | 'operator'

export interface Token {
  readonly kind: TokenKind
  readonly text: string
  /** Offset of the first character in the source. */
  readonly start: number
}

const KEYWORDS = new Set(`
always always_comb always_ff always_latch and assign automatic begin bit buf byte case casex casez const default defparam
do else end endcase endfunction endgenerate endinterface endmodule endpackage endtask enum for forever function generate genvar
if import inout initial input inside int integer interface localparam logic longint modport module nand negedge nor not or output package
packed parameter posedge priority pull0 pull1 real reg repeat return shortint signed struct supply0 supply1 task time tri typedef
union unique unsigned var void wait wand while wire wor xnor xor
`.trim().split(/\s+/))

/** One alternative a token kind, longest operators first. White space is what lies between tokens. */
const TOKEN = new RegExp([
  '(?<comment>\\/\\/[^\\n]*|\\/\\*[\\s\\S]*?(?:\\*\\/|$))',
  '(?<string>"(?:\\\\[\\s\\S]|[^"\\\\\\n])*"?)',
  '(?<number>(?:\\d[\\d_]*\\s*)?\'[sS]?[bBoOdDhH]\\s*[\\da-fA-FxXzZ?_]+|\'[01xXzZ](?![\\w$])|\\d[\\d_]*(?:\\.\\d[\\d_]*)?(?:[eE][+-]?\\d+)?)',
  '(?<name>[A-Za-z_][\\w$]*|\\\\\\S+)',
  '(?<system>\\$[\\w$]+)',
  '(?<directive>`[A-Za-z_][\\w$]*|`.)',
  '(?<operator><<<=|>>>=|===|!==|==\\?|!=\\?|<<<|>>>|<<=|>>=|\\*\\*|\\(\\*(?!\\))|\\*\\)|&&|\\|\\||==|!=|<=|>=|<<|>>|~&|~\\||~\\^|\\^~|\\+\\+|--|\\+=|-=|\\*=|\\/=|%=|&=|\\|=|\\^=|->|\\+:|-:|::|##|\\.\\*|[^\\s])',
].join('|'), 'g')

/** Splits Verilog into tokens, comments included. Every character that is no white space belongs to exactly one token. */
export function tokenise(source: string): Token[] {
  const tokens: Token[] = []
  for (const match of source.matchAll(TOKEN)) {
    const text = match[0]
    const groups = match.groups ?? {}
    const kind = (['comment', 'string', 'number', 'name', 'system', 'directive'] as const).find((name) => groups[name] !== undefined) ?? 'operator'
    tokens.push({ kind: kind === 'name' && KEYWORDS.has(text) ? 'keyword' : kind, text, start: match.index })
  }
  return tokens
}

/**
 * The text without comments and with single spaces, so that layout does not make two designs different.
 * Line ends are kept where there are directives, whose arguments end with the line.
 */
export function normalise(source: string): string {
  const keepLines = source.includes('`')
  let result = ''
  let end = 0
  for (const token of tokenise(source)) {
    const gap = source.slice(end, token.start)
    if (token.kind === 'comment') {
      if (keepLines && token.text.includes('\n')) result += '\n'
      end = token.start + token.text.length
      if (keepLines && gap.includes('\n')) result += '\n'
      continue
    }
    if (result !== '') result += keepLines && gap.includes('\n') ? '\n' : ' '
    result += token.text
    end = token.start + token.text.length
  }
  return keepLines ? result.replace(/\s*\n\s*/g, '\n') : result
}

/** Yosys reports latches in `always_comb` as errors, also where a loop or function only looks like one: it reads `always @(*)` instead. */
export function relaxAlwaysComb(source: string): string {
  if (!source.includes('always_comb')) return source
  let result = ''
  let end = 0
  for (const token of tokenise(source)) {
    if (token.kind !== 'keyword' || token.text !== 'always_comb') continue
    result += `${source.slice(end, token.start)}always @(*)`
    end = token.start + token.text.length
  }
  return result + source.slice(end)
}
