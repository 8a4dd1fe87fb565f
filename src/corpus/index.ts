/**
 * Private sources become training examples: read, split into modules, freed of secrets and duplicates, checked, graded and counted.
 * Nothing here leaves the machine.
 */
export { CorpusError } from './errors.js'
export type { CorpusErrorCode } from './errors.js'
export type { CorpusReport, Example, Reason } from './example.js'
export { globMatcher } from './glob.js'
export { scanCorpus } from './scan.js'
export type { Corpus, ScanOptions } from './scan.js'
export { splitExamples } from './split.js'
export type { Split } from './split.js'
