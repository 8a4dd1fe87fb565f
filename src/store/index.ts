/**
 * What a node must not forget: named states, bytes by their hash, append-only logs, in one data folder that one process holds.
 *
 * Every write is whole or not there, also after a crash at any moment; what the disk has damaged is moved aside and reported, never overwritten.
 */
export { StoreError } from './errors.js'
export type { StoreErrorCode } from './errors.js'
export { systemFiles } from './file-system.js'
export type { FileSystem, FolderEntry, OpenFile } from './file-system.js'
export { writeAtomically } from './files.js'
export type { AppendOptions } from './logs.js'
export type { ReadOptions } from './states.js'
export { openStore } from './store.js'
export type { Store, StoreOptions } from './store.js'
