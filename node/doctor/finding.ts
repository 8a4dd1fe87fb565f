/** How bad it is: a `warning` costs something, a `problem` keeps the node from its work. */
export type Grade = 'ok' | 'warning' | 'problem'

/** What an examination found. */
export interface Finding {
  /** What was looked at: the same word for the same examination, for programs. */
  readonly subject: string
  readonly grade: Grade
  /** One line. */
  readonly found: string
  /** One line: what to do. Absent where nothing is to be done. */
  readonly remedy?: string
}

export function ok(subject: string, found: string): Finding {
  return { subject, grade: 'ok', found }
}

export function warning(subject: string, found: string, remedy: string): Finding {
  return { subject, grade: 'warning', found, remedy }
}

export function problem(subject: string, found: string, remedy: string): Finding {
  return { subject, grade: 'problem', found, remedy }
}

/** The finding of something that threw. */
export function failure(subject: string, error: unknown, remedy: string): Finding {
  const message = (error instanceof Error ? error.message : String(error)).split('\n').map((line) => line.trim()).filter((line) => line !== '').join(' ')
  return problem(subject, message, remedy)
}
