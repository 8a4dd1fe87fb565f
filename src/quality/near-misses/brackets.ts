import type { Token } from '../verilog/lexer.js'

/** The token that closes the bracket at `at`. */
export function matching(tokens: readonly Token[], at: number, open: string, close: string): number {
  let depth = 0
  for (let i = at; i < tokens.length; i++) {
    if (tokens[i]!.text === open) depth++
    if (tokens[i]!.text === close && --depth === 0) return i
  }
  return tokens.length - 1
}
