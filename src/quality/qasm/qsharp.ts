import { getCompiler, loadWasmModule } from 'qsharp-lang'
import type { ICompiler } from 'qsharp-lang'

export type QsharpAnswer
  = | { readonly kind: 'qir', readonly text: string }
  /** The text is no valid program. */
    | { readonly kind: 'invalid', readonly message: string }
  /** A valid program that cannot be turned into straight code. */
    | { readonly kind: 'untranslatable', readonly message: string }

/** Codes of what only the translation, not the language, refuses. */
const TRANSLATION = /CapabilitiesCk|OutputResultLiteral|PartialEval\.(?!EvaluationFailed)/

/** Microsoft's OpenQASM front end on this thread. */
export class Qsharp {
  private constructor(private readonly compiler: ICompiler) {}

  static async load(module: WebAssembly.Module): Promise<Qsharp> {
    // The library compiles from bytes only: give it the module that all threads share instead.
    const { compile } = WebAssembly
    WebAssembly.compile = () => Promise.resolve(module)
    try {
      await loadWasmModule(new ArrayBuffer(0))
    } finally {
      WebAssembly.compile = compile
    }
    return new Qsharp(await getCompiler())
  }

  async translate(source: string): Promise<QsharpAnswer> {
    try {
      const text = await this.compiler.getQir({ sources: [['design.qasm', source]], languageFeatures: [], profile: 'adaptive_rif', projectType: 'openqasm' })
      return { kind: 'qir', text }
    } catch (error) {
      const diagnostics = diagnosticsOf(error)
      if (diagnostics.length === 0) return { kind: 'invalid', message: error instanceof Error ? error.message.split('\n')[0]! : String(error) }
      const first = diagnostics[0]!
      const line = first.line === undefined ? '' : `line ${first.line}: `
      return { kind: diagnostics.every(({ code }) => TRANSLATION.test(code)) ? 'untranslatable' : 'invalid', message: line + first.message }
    }
  }
}

interface Diagnostic {
  readonly message: string
  readonly code: string
  readonly line?: number
}

function diagnosticsOf(error: unknown): Diagnostic[] {
  const list: unknown = typeof error === 'object' && error !== null && 'diagnostics' in error ? error.diagnostics : undefined
  if (!Array.isArray(list)) return []
  return list.flatMap((entry: { diagnostic?: { message?: string, code?: string, range?: { start?: { line?: number } } } }) => {
    const { message, code, range } = entry.diagnostic ?? {}
    return message === undefined ? [] : [{ message: message.split('\n')[0]!, code: code ?? '', ...range?.start?.line !== undefined && { line: range.start.line + 1 } }]
  })
}
