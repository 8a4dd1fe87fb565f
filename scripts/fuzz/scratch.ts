import { mkdirSync, mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'

/** A folder for the cases of one surface, made at its first use. */
export class Scratch {
  #folder: string | undefined

  constructor(private readonly name: string) {}

  get folder(): string {
    this.#folder ??= mkdtempSync(path.join(os.tmpdir(), `meshwright-fuzz-${this.name}-`))
    mkdirSync(this.#folder, { recursive: true })
    return this.#folder
  }

  readonly remove = async (): Promise<void> => {
    if (this.#folder !== undefined) await rm(this.#folder, { recursive: true, force: true })
    this.#folder = undefined
  }
}
