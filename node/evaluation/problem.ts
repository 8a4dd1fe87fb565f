import type { Domain } from '../../src/quality/index.js'

/** A specification, and what decides whether a design does what it says: a testbench, a reference, or both. */
export interface Problem {
  /** Unique within its suite. */
  readonly id: string
  readonly suite: string
  /** Where the suite sorts its problems. */
  readonly category?: string
  readonly domain: Domain
  /** As the suite has it. */
  readonly specification: string
  /** The interface that the suite gives beside the specification, as code. */
  readonly header?: string
  /** Name of the module that is asked for. */
  readonly top?: string
  readonly reference?: string
  readonly testbench?: string
  /** Texts that the testbench opens by name. */
  readonly files?: Readonly<Record<string, string>>
}

export type SuiteForm = 'verilog-eval' | 'rtllm' | 'own'

export interface Suite {
  readonly name: string
  readonly form: SuiteForm
  readonly problems: readonly Problem[]
}
