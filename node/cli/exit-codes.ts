import { codeOf } from '../control/errors.js'

/** How `meshwright` ends; documented in docs/reference/cli.md. */
export const EXIT = { ok: 0, failed: 1, usage: 2, nothingPassed: 3, notRunning: 4 } as const

/** Errors that a change of the command line or of the settings mends. */
const USAGE = /^(?:API|USAGE|CONFIG|SETTINGS|OWNERS?|NETWORK_KEY|NETWORK_FILE|CREDENTIAL|POLICY|SUITE)_|^IDENTITY_FILE_MISSING$|^CORPUS_(?:SOURCE_MISSING|PATTERN_INVALID)$|^METRIC_(?:MODULE_UNREADABLE|HASH_MISMATCH)$|^EVALUATION_(?:CHANGED|EXISTS)$|^(?:ADDRESS|INFERENCE_TESTBENCH)_INVALID$|^commander\./

export function exitCodeOf(error: unknown): number {
  const code = codeOf(error)
  if (code === 'NODE_NOT_RUNNING') return EXIT.notRunning
  if (code === 'NOTHING_PASSED') return EXIT.nothingPassed
  return USAGE.test(code) ? EXIT.usage : EXIT.failed
}
