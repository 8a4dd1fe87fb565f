import { readFile } from 'node:fs/promises'

import { MAXIMUM_TOOL_MEMORY_BYTES } from '../constants.js'
import { capMemory } from './memory-cap.js'

/** The compiled tools, shared by all worker threads of the process: machine code is held once, and a new worker starts without compiling. */
export interface Tools {
  readonly yosys: Readonly<Record<string, WebAssembly.Module>>
  readonly qsharp: WebAssembly.Module
}

const YOSYS_MODULES = ['yosys.core.wasm', 'yosys.core2.wasm', 'yosys.core3.wasm', 'yosys.core4.wasm']

let compiled: Promise<Tools> | undefined

export function compileTools(): Promise<Tools> {
  compiled ??= compile()
  return compiled
}

async function compile(): Promise<Tools> {
  const yosysAt = import.meta.resolve('@yowasp/yosys')
  const qsharpAt = import.meta.resolve('qsharp-lang')
  const [qsharp, ...modules] = await Promise.all([
    compileFile(new URL('../lib/web/qsc_wasm_bg.wasm', qsharpAt)),
    ...YOSYS_MODULES.map((name) => compileFile(new URL(name, yosysAt))),
  ])
  return { qsharp, yosys: Object.fromEntries(YOSYS_MODULES.map((name, i) => [name, modules[i]!])) }
}

async function compileFile(url: URL): Promise<WebAssembly.Module> {
  return WebAssembly.compile(capMemory(new Uint8Array(await readFile(url)), MAXIMUM_TOOL_MEMORY_BYTES))
}
