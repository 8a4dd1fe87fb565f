/** The two languages that Meshwright writes hardware in. */
export type Domain = 'verilog' | 'qasm'

/**
 * What a check found. `fail` is only said where it is certain; everything that the checks cannot decide
 * (a timeout, state that no reset reaches) is `unknown`.
 */
export type Outcome = 'pass' | 'fail' | 'unknown'

export interface Verdict {
  readonly outcome: Outcome
  /** One sentence for people: what differs, where, on which inputs; or why nothing could be said. */
  readonly reason: string
  /** Wall time of the check, without waiting for a free worker. */
  readonly milliseconds: number
}

export type WarningKind
  = | 'implicit-net' | 'undriven' | 'multiple-drivers' | 'combinational-loop' | 'latch' | 'procedural-net'
    | 'out-of-range' | 'width' | 'missing-module' | 'unused-qubit' | 'other'

export interface DesignWarning {
  readonly kind: WarningKind
  readonly message: string
  /** 1-based line of the source, where the tool names one. */
  readonly line?: number
  /** What the warning takes off a design's grade, 0..1: see docs/reference/metrics.md. */
  readonly cost: number
}

export interface SyntaxVerdict extends Verdict {
  readonly warnings: readonly DesignWarning[]
  /** 1 for a clean design; each warning multiplies it by (1 - cost); 0 where the outcome is not `pass`. */
  readonly grade: number
}

export interface SynthesisVerdict extends Verdict {
  /** Gates after technology-independent synthesis, flip-flops included; 0 where the outcome is not `pass`. */
  readonly cells: number
  /** Gates on the longest path between inputs, flip-flops and outputs. */
  readonly depth: number
  readonly flipFlops: number
}

export interface CircuitVerdict extends Verdict {
  readonly qubits: number
  /** Gates in the program as it stands, after gate definitions are resolved to the names of the standard library. */
  readonly gates: number
  readonly twoQubitGates: number
  /** Longest chain of gates and measurements that share a qubit. */
  readonly depth: number
  readonly counts: Readonly<Record<string, number>>
}

export interface CheckOptions {
  /** Gives up waiting; a check that already runs is stopped. */
  readonly signal?: AbortSignal
}

export interface EquivalenceOptions extends CheckOptions {
  /**
   * Clock cycles after reset for which equality counts as `pass` where no proof is found. The reason then names the bound.
   * Without it such a design stays `unknown`.
   */
  readonly boundedPass?: number
  /**
   * OpenQASM: the states of the qubits for which both must do the same. `any` (the default) compares the operation itself,
   * `zero` what the program does from |0...0>.
   */
  readonly initialState?: 'any' | 'zero'
}

/** What is to show that a design does what it should. */
export interface Bench {
  /** Verilog or SystemVerilog. What it prints decides: see docs/guides/evaluation.md. */
  readonly testbench: string
  /** A module that the testbench compares with, or one that does what the candidate should: it decides where no testbench can be run. */
  readonly reference?: string
  /** The module that is tested; by default the one that the testbench instantiates and neither it nor the reference defines. */
  readonly top?: string
  /** Texts by name that the testbench opens with `$readmemh` and the like. */
  readonly files?: Readonly<Record<string, string>>
}

export interface TestbenchQuestion extends Bench {
  readonly candidate: string
}

export interface TestbenchVerdict extends Verdict {
  /** What decided: the testbench in a simulator, or equivalence with the reference. `none` where nothing could. */
  readonly tool: 'iverilog' | 'yosys' | 'none'
  /** Whether testbench or reference are wrong themselves: then they are so for every design. */
  readonly isBenchAtFault?: boolean
}

export interface CheckerStatistics {
  readonly runs: number
  readonly fromCache: number
  readonly timeouts: number
  readonly crashes: number
  /** Workers replaced to give their memory back. */
  readonly recycled: number
  readonly workers: number
  readonly waiting: number
  readonly running: number
  /** Resident memory of the process that holds the workers. */
  readonly residentBytes: number
}

export interface Checker {
  syntax(domain: Domain, source: string, options?: CheckOptions): Promise<SyntaxVerdict>
  /** Verilog only. */
  synthesis(source: string, options?: CheckOptions): Promise<SynthesisVerdict>
  /** OpenQASM only. */
  circuit(source: string, options?: CheckOptions): Promise<CircuitVerdict>
  equivalence(domain: Domain, reference: string, candidate: string, options?: EquivalenceOptions): Promise<Verdict>
  /**
   * Verilog only. A testbench runs in a sandbox or not at all; without one, the reference decides where there is one.
   * A testbench or reference that does not compile is `unknown`, and no fault of the candidate.
   */
  testbench(question: TestbenchQuestion, options?: CheckOptions): Promise<TestbenchVerdict>
  /**
   * Whether a testbench can decide anything here, before there is a design: `pass` with the tool that will decide, `fail` where testbench or
   * reference are wrong themselves, `unknown` where they cannot be run, and then the reason says what to install.
   */
  examine(bench: Bench, options?: CheckOptions): Promise<TestbenchVerdict>
  statistics(): Promise<CheckerStatistics>
  close(): Promise<void>
}
