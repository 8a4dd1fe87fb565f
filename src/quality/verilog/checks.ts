import type { SynthesisVerdict, SyntaxVerdict } from '../types.js'
import type { Determinism, Finding } from './equivalence.js'
import { compare } from './equivalence.js'
import { normalise } from './lexer.js'
import type { Prepared, Refusal } from './prepare.js'
import { prepare } from './prepare.js'
import { checkSyntax } from './syntax.js'
import { synthesise } from './synthesis.js'
import type { Yosys, YosysModules } from './yosys.js'
import { Yosys as Tool } from './yosys.js'

/** What is known of a reference; worth keeping between checks. Plain data. */
export interface KnownReference {
  readonly prepared: Prepared
  readonly determinism: Determinism
}

/** The checks of Verilog, on this thread. Yosys is loaded at the first one. */
export class VerilogChecks {
  #yosys: Yosys | undefined

  constructor(private readonly modules: YosysModules) {}

  get runs(): number { return this.#yosys?.runs ?? 0 }

  async syntax(source: string): Promise<Omit<SyntaxVerdict, 'milliseconds'>> {
    return checkSyntax(await this.#tool(), source)
  }

  async synthesis(source: string): Promise<Omit<SynthesisVerdict, 'milliseconds'>> {
    return synthesise(await this.#tool(), source)
  }

  /** @param known - what an earlier call with the same reference returned */
  async equivalence(reference: string, candidate: string, boundedPass: number, known?: KnownReference): Promise<Finding & { known?: KnownReference }> {
    const yosys = await this.#tool()
    const prepared: Prepared | Refusal = known?.prepared ?? prepare(yosys, reference)
    if ('refused' in prepared) return { outcome: 'unknown', reason: `the reference does not elaborate: ${prepared.refused}` }
    const learned = { prepared, determinism: { ...known?.determinism } }
    if (normalise(reference) === normalise(candidate)) return { outcome: 'pass', reason: 'the same text as the reference', known: learned }
    const { top } = prepared.netlist
    if (!/^[A-Za-z_]\w*$/.test(top)) return { outcome: 'unknown', reason: `a module named "${top}" cannot be asked for`, known: learned }
    const gate = prepare(yosys, candidate, top)
    if ('refused' in gate) {
      const missing = new RegExp(`module .?"?\\\\?${top}"?.? not found`, 'i').test(gate.refused)
      return { outcome: 'fail', reason: missing ? `the candidate defines no module "${top}"` : gate.refused, known: learned }
    }
    return { ...compare(yosys, prepared, gate, learned.determinism, boundedPass), known: learned }
  }

  async #tool(): Promise<Yosys> {
    this.#yosys ??= await Tool.load(this.modules)
    return this.#yosys
  }
}
