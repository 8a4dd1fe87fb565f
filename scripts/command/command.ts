import { parseArgs } from 'node:util'

import type { Option } from './kinds.js'

/** Of wrong words on a command line, as of the commands of `meshwright`. */
const EXIT_USAGE = 2

/** A script as whoever calls it sees it. */
export interface Command<Options extends OptionsByName> {
  /** How it is called, as `npm run sim --`. */
  readonly call: string
  /** What it does, in a line. */
  readonly about: string
  readonly options: Options
  readonly examples?: readonly string[]
}

export type OptionsByName = Readonly<Record<string, Option<unknown>>>

export type Values<Options extends OptionsByName> = { readonly [Name in keyof Options]: Options[Name] extends Option<infer Value> ? Value : never }

/** Words that the command does not take. The message says which are. */
export class UsageError extends RangeError {
  override readonly name = 'UsageError'
}

/**
 * What a script was called with. Where it was asked for help it says how it is used and ends; where the words are wrong it says in a line what is allowed, and
 * ends with 2.
 *
 * @param read - makes of the words what the script works with
 */
export function called<Result>(command: Command<OptionsByName>, read: (words: readonly string[]) => Result, words: readonly string[] = process.argv.slice(2)): Result {
  if (asksForHelp(words)) {
    process.stdout.write(usage(command))
    process.exit(0)
  }
  try {
    return read(words)
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    process.stderr.write(`${error.message}\n`)
    process.exit(EXIT_USAGE)
  }
}

/** The same for a command whose options are all there is to read. */
export function calledWith<Options extends OptionsByName>(command: Command<Options>): Values<Options> {
  return called(command, (words) => readWords(command, words))
}

/** @throws UsageError */
export function readWords<Options extends OptionsByName>({ options, call }: Pick<Command<Options>, 'options' | 'call'>, words: readonly string[]): Values<Options> {
  const names = Object.keys(options)
  const given = new Map(names.map((name): [string, string[]] => [name, []]))
  const { tokens } = parseArgs({
    args: [...words],
    strict: false,
    tokens: true,
    options: Object.fromEntries(Object.entries(options).map(([name, { placeholder }]) => [name, { type: placeholder === undefined ? 'boolean' as const : 'string' as const }])),
  })
  for (const token of tokens) {
    if (token.kind === 'option-terminator') continue
    if (token.kind === 'positional') throw new UsageError(`${token.value}: write ${listed(names)}; ${call} --help says more`)
    const option = options[token.name]
    const values = given.get(token.name)
    if (option === undefined || values === undefined || token.rawName !== `--${token.name}`) throw new UsageError(`${token.rawName}: there is no such option, write ${listed(names)}; ${call} --help says more`)
    // The next option is no value of this one.
    const isLacking = option.placeholder !== undefined && (token.value === undefined || (!token.inlineValue && token.value.startsWith('-')))
    if (isLacking || (option.placeholder === undefined && token.value !== undefined)) throw new UsageError(`${token.rawName}: write ${option.allowed}`)
    if (values.length > 0 && option.placeholder !== undefined && option.repeats !== true) throw new UsageError(`${token.rawName}: write it once`)
    values.push(token.value ?? '')
  }
  return Object.fromEntries(Object.entries(options).map(([name, option]) => {
    const written = given.get(name)!
    const found = option.read(written)
    if (found === undefined) throw new UsageError(`--${name} ${written.join(' ')}: write ${option.allowed}`)
    return [name, found.value]
  })) as Values<Options>
}

/** What `--help` shows. */
export function usage({ call, about, options, examples = [] }: Command<OptionsByName>): string {
  const shown = [...Object.entries(options), ['help', { help: 'show this' }] as const].map(([name, option]) => ({
    left: `--${name}${'placeholder' in option ? ` <${option.placeholder}>` : ''}`,
    right: `${option.help}${'names' in option ? `: ${option.names.join(', ')}` : ''}${'fallback' in option ? ` (default ${option.fallback})` : ''}`,
  }))
  const width = Math.max(...shown.map(({ left }) => left.length))
  return [
    about,
    '',
    `Usage: ${call} [options]`,
    '',
    ...shown.map(({ left, right }) => `  ${left.padEnd(width)}  ${right}`),
    ...examples.length === 0 ? [] : ['', 'Examples:', ...examples.map((example) => `  ${call} ${example}`)],
    '',
  ].join('\n')
}

function asksForHelp(words: readonly string[]): boolean {
  const end = words.indexOf('--')
  return words.slice(0, end === -1 ? undefined : end).some((word) => word === '--help' || word === '-h')
}

function listed(names: readonly string[]): string {
  return names.map((name) => `--${name}`).join(', ')
}
