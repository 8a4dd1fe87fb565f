import type { Family } from '../family.js'
import { withHeldOutValues } from '../held-out-values.js'
import { combinationalFamilies } from './combinational/index.js'
import { quantumFamilies } from './quantum/index.js'
import { sequentialFamilies } from './sequential/index.js'

/** All families of the public corpus, in a fixed order, with the values of each that nobody trains on drawn anew. */
export const families: readonly Family[] = [...combinationalFamilies, ...sequentialFamilies, ...quantumFamilies].map(withHeldOutValues)
