import { hashCanonical } from '../identity/index.js'

/**
 * A number that nobody chose: the hash of a purpose and some values, as hex text that sorts like a number.
 * Everything that the protocol draws by lot (places, ranks among equals, auditors) is the lowest of such lots.
 */
export function lot(purpose: string, ...values: readonly (string | number)[]): string {
  return hashCanonical(['meshwright/lot', purpose, ...values])
}
