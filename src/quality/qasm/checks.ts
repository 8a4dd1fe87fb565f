import type { CircuitVerdict, SyntaxVerdict } from '../types.js'
import type { Circuit } from './circuit.js'
import type { QasmFinding } from './equivalence.js'
import { compareCircuits } from './equivalence.js'
import { BeyondReader, QasmFault } from './errors.js'
import { normaliseQasm, tokeniseQasm } from './lexer.js'
import { measureCircuit } from './metrics.js'
import { readQir } from './qir.js'
import { Qsharp } from './qsharp.js'
import { readCircuit } from './reader.js'

type Read
  = | { readonly kind: 'circuit', readonly circuit: Circuit }
    | { readonly kind: 'invalid', readonly message: string }
    | { readonly kind: 'untranslatable', readonly message: string }

/** qsharp-lang 1.32 makes a controlled rz of a controlled phase, and takes csx's target for its control. */
const MISTRANSLATED = new Set(['cp', 'csx', 'ctrl', 'negctrl'])

/** The checks of OpenQASM, on this thread. qsharp-lang is loaded at the first program that our own reader does not know. */
export class QasmChecks {
  #qsharp: Qsharp | undefined
  #runs = 0

  constructor(private readonly module: WebAssembly.Module) {}

  /** Calls of qsharp-lang, which keeps what it allocates. */
  get runs(): number { return this.#runs }

  async syntax(source: string): Promise<Omit<SyntaxVerdict, 'milliseconds'>> {
    const read = await this.#read(source)
    if (read.kind === 'invalid') return { outcome: 'fail', reason: read.message, warnings: [], grade: 0 }
    return { outcome: 'pass', reason: 'no errors', warnings: [], grade: 1 }
  }

  async circuit(source: string): Promise<Omit<CircuitVerdict, 'milliseconds'>> {
    const read = await this.#read(source)
    if (read.kind === 'circuit') return measureCircuit(read.circuit)
    return { outcome: read.kind === 'invalid' ? 'fail' : 'unknown', reason: read.message, qubits: 0, gates: 0, twoQubitGates: 0, depth: 0, counts: {} }
  }

  async equivalence(reference: string, candidate: string, initialState: 'any' | 'zero'): Promise<QasmFinding> {
    const gold = await this.#read(reference)
    if (gold.kind === 'invalid') return { outcome: 'unknown', reason: `the reference is no valid program: ${gold.message}` }
    if (normaliseQasm(reference) === normaliseQasm(candidate)) return { outcome: 'pass', reason: 'the same text as the reference' }
    const gate = await this.#read(candidate)
    if (gate.kind === 'invalid') return { outcome: 'fail', reason: gate.message }
    if (gold.kind === 'untranslatable') return { outcome: 'unknown', reason: `the reference cannot be simulated: ${gold.message}` }
    if (gate.kind === 'untranslatable') return { outcome: 'unknown', reason: `the candidate cannot be simulated: ${gate.message}` }
    return compareCircuits(gold.circuit, gate.circuit, `${reference}\0${candidate}`, initialState)
  }

  async #read(source: string): Promise<Read> {
    try {
      return { kind: 'circuit', circuit: readCircuit(source) }
    } catch (error) {
      if (error instanceof QasmFault) return { kind: 'invalid', message: error.message }
      if (!(error instanceof BeyondReader)) throw error
    }
    this.#qsharp ??= await Qsharp.load(this.module)
    this.#runs++
    const answer = await this.#qsharp.translate(source)
    if (answer.kind !== 'qir') return answer
    const doubtful = tokeniseQasm(source).find(({ text }) => MISTRANSLATED.has(text))
    if (doubtful) return { kind: 'untranslatable', message: `qsharp-lang does not translate "${doubtful.text}" as the language defines it` }
    try {
      return { kind: 'circuit', circuit: readQir(answer.text, source) }
    } catch (error) {
      if (error instanceof QasmFault) return { kind: 'invalid', message: error.message }
      if (error instanceof BeyondReader) return { kind: 'untranslatable', message: `${error.message} is not simulated` }
      throw error
    }
  }
}
