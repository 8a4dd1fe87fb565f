export type ConfigErrorCode
  = | 'CONFIG_FILE_MISSING'
    | 'CONFIG_FILE_UNREADABLE'
    | 'CONFIG_NOT_JSON'
    | 'CONFIG_INVALID'
    | 'PACKAGE_ROOT_MISSING'

/** One field that is not as it should be. */
export interface ConfigProblem {
  /** The field's path, for example `policy.roundSteps.max`; empty where the whole value is wrong. */
  readonly field: string
  /** What stands there, as short JSON; 'missing' where nothing does. */
  readonly value: string
  /** What to write instead. */
  readonly fix: string
}

/** A configuration file that cannot be used; the message names each field, its value and what to write instead. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'

  constructor(readonly code: ConfigErrorCode, message: string, readonly problems: readonly ConfigProblem[] = [], options?: ErrorOptions) {
    super(message, options)
  }
}
