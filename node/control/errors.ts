/** A command that a node did not take or could not carry out. `code` is the node's own error code where it has one. */
export class ControlError extends Error {
  override readonly name = 'ControlError'

  constructor(readonly code: string, message: string) {
    super(message)
  }
}

export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'INTERNAL'
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
