/** The program is certainly no valid OpenQASM. */
export class QasmFault extends Error {
  constructor(message: string, readonly line: number) {
    super(line > 0 ? `line ${line}: ${message}` : message)
  }
}

/** The program uses more of the language than this reader knows; qsharp-lang decides about it. */
export class BeyondReader extends Error {}
