import type { Clock } from './clock.js'
import { systemClock } from './system-clock.js'

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const
export type LogLevel = typeof LOG_LEVELS[number]

/** What a line tells besides its message. Errors are written with code, message and, at level debug, stack. */
export type LogFields = Readonly<Record<string, unknown>>

export interface Logger {
  debug(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
  /** A logger that adds these fields to every line. */
  child(fields: LogFields): Logger
}

export interface LoggerOptions {
  /** Lines below it are left out; default 'info'. */
  readonly level?: LogLevel
  /** One JSON object a line, for machines; default false. */
  readonly json?: boolean
  /** Gets each line without its line end; default standard error. */
  readonly write?: (line: string) => void
  /** Milliseconds since 1970; default the system's. */
  readonly clock?: Pick<Clock, 'now'>
}

export function createLogger({ level = 'info', json = false, write = toStandardError, clock = systemClock }: LoggerOptions = {}): Logger {
  const lowest = LOG_LEVELS.indexOf(level)
  const withStack = level === 'debug'

  const withFields = (inherited: LogFields): Logger => {
    const at = (lineLevel: LogLevel) => (message: string, fields: LogFields = {}): void => {
      if (LOG_LEVELS.indexOf(lineLevel) < lowest) return
      const time = new Date(clock.now()).toISOString()
      const all = { ...inherited, ...fields }
      write(json
        ? JSON.stringify({ time, level: lineLevel, message, ...plain(all, withStack) })
        : `${time} ${lineLevel.padEnd(5)} ${oneLine(message)}${human(all, withStack)}`)
    }
    return {
      debug: at('debug'),
      info: at('info'),
      warn: at('warn'),
      error: at('error'),
      child: (fields) => withFields({ ...inherited, ...fields }),
    }
  }
  return withFields({})
}

/** A logger that says nothing. */
export const silentLogger: Logger = createLogger({ level: 'error', write: () => undefined })

function toStandardError(line: string): void {
  process.stderr.write(`${line}\n`)
}

function plain(fields: LogFields, withStack: boolean): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => {
    // A field must not pass for the line's own.
    const safe = name === 'time' || name === 'level' || name === 'message' ? `${name}_` : name
    return [safe, plainValue(value, withStack)]
  }))
}

function plainValue(value: unknown, withStack: boolean): unknown {
  if (value instanceof Error) {
    const code = 'code' in value ? { code: value.code } : {}
    return { ...code, message: value.message, ...withStack ? { stack: value.stack } : {} }
  }
  if (value instanceof Uint8Array) return `${value.length} bytes`
  if (typeof value === 'bigint') return String(value)
  if (typeof value !== 'object' || value === null) return value
  try {
    JSON.stringify(value)
    return value
  } catch {
    return '[not serialisable]'
  }
}

function human(fields: LogFields, withStack: boolean): string {
  return Object.entries(fields).filter(([, value]) => value !== undefined).map(([name, value]) => {
    if (value instanceof Error) {
      const code = 'code' in value ? `${String(value.code)} ` : ''
      return ` ${name}="${oneLine(`${code}${value.message}`)}"${withStack && value.stack !== undefined ? `\n${value.stack}` : ''}`
    }
    const text = typeof value === 'string' ? value : JSON.stringify(plainValue(value, withStack))
    return ` ${name}=${/^[^\s"=]+$/.test(text) ? text : JSON.stringify(text)}`
  }).join('')
}

/** A stranger's text must not start a line of its own in the log. */
function oneLine(text: string): string {
  return text.replace(/[\r\n\u2028\u2029]+/g, ' | ')
}
