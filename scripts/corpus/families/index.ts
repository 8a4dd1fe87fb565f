import type { Family } from '../family.js'
import { combinationalFamilies } from './combinational/index.js'
import { quantumFamilies } from './quantum/index.js'
import { sequentialFamilies } from './sequential/index.js'

/** All families of the public corpus, in a fixed order. */
export const families: readonly Family[] = [...combinationalFamilies, ...sequentialFamilies, ...quantumFamilies]
