import type { ContentId } from '../identity/index.js'
import type { Domain } from '../quality/index.js'

/** A specification and a design that fulfils it, as a peer trains on them. */
export interface Example {
  /** Hash of domain, specification and design. */
  readonly id: ContentId
  readonly domain: Domain
  readonly specification: string
  /** Ends in a newline; holds no comment before its first statement. */
  readonly design: string
  /** Where it came from, relative to its source folder. Never leaves the machine. */
  readonly source: string
  /** How much there is to learn from it, in [0, 1]. */
  readonly grade: number
}

/** A design as it was found, before it is cleaned. */
export interface FoundDesign {
  readonly domain: Domain
  readonly design: string
  /** Comment that stood before it. */
  readonly header: string
  /** Directives that stood before it in the file and that it may need to parse. */
  readonly prelude: string
  /** Code around the modules of its file: imports, types, functions. */
  readonly surroundings: string
  /** Absolute path of its file; what it includes is looked for from there. */
  readonly file: string
  readonly specification?: string
  readonly source: string
}

/**
 * Why something was left out. `test bench`: by its name, or because it has no outputs, as files of assertions have none, either. `part missing`: it needs a
 * package, macro or included file that is not among the sources. `does not parse`: a mistake, or SystemVerilog that the checker does not read (classes, most
 * interfaces, delays in loops).
 */
export type Reason
  = | 'excluded' | 'unreadable' | 'too large' | 'not text' | 'no design' | 'too long' | 'secret in code' | 'test bench' | 'part missing' | 'does not parse' | 'not checked' | 'duplicate' | 'near duplicate' | 'low grade'

export interface CorpusReport {
  readonly files: number
  readonly designs: number
  readonly kept: number
  readonly leftOut: Readonly<Partial<Record<Reason, number>>>
  /** Comments from which a secret was removed. */
  readonly redactedComments: number
  /** Designs whose specification was given, and those for which it was derived from header and ports. */
  readonly specifications: { readonly given: number, readonly derived: number }
  readonly byDomain: Readonly<Partial<Record<Domain, number>>>
}
