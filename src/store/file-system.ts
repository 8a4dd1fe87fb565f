import { link, mkdir, open, readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises'

/** The few file operations on which a store stands: the machine's own in a node, others where a crash or a full disk is to be seen. They fail as Node's do. */
export interface FileSystem {
  link(existing: string, path: string): Promise<void>
  mkdir(path: string, options: { readonly recursive: true, readonly mode?: number }): Promise<unknown>
  /** `r` also opens folders; `wx` makes a file that is not there yet; `a` writes at the end. */
  open(path: string, flags: 'r' | 'wx' | 'a', mode?: number): Promise<OpenFile>
  readdir(path: string, options: { readonly recursive: true, readonly withFileTypes: true }): Promise<FolderEntry[]>
  readFile(path: string): Promise<Uint8Array>
  rename(from: string, to: string): Promise<void>
  rm(path: string, options: { readonly force: true }): Promise<void>
  stat(path: string): Promise<{ readonly size: number, readonly mtimeMs: number }>
  utimes(path: string, accessed: Date, modified: Date): Promise<void>
}

export interface OpenFile {
  /** Writes all of it, where the last write ended. */
  writeFile(bytes: Uint8Array): Promise<void>
  truncate(length: number): Promise<void>
  sync(): Promise<void>
  datasync(): Promise<void>
  close(): Promise<void>
}

export interface FolderEntry {
  readonly name: string
  readonly parentPath: string
  isFile(): boolean
}

/** The machine's. */
export const systemFiles: FileSystem = { link, mkdir, open, readdir, readFile, rename, rm, stat, utimes }
