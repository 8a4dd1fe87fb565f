/** What may be written after an option. */
export interface Option<Value> {
  /** What stands for it in the usage, as `<number>`; a flag takes nothing, and has none. */
  readonly placeholder?: string
  readonly help: string
  /** Names of which one or some may be written. */
  readonly names?: readonly string[]
  /** What the usage says of the value where the option is not given; nothing where it is undefined. */
  readonly fallback?: string
  /** Whether the option may be given several times. */
  readonly repeats?: boolean
  /** What may be written, as in `write a whole number from 1 up`. */
  readonly allowed: string
  /** @param words - as they were given; none where the option was not. @returns undefined where they are not allowed */
  read(words: readonly string[]): { readonly value: Value } | undefined
}

/** On where it is given. */
export function flag(help: string): Option<boolean> {
  return { help, allowed: 'nothing after it', read: (words) => ({ value: words.length > 0 }) }
}

/** Any text, such as the name of a file. */
export function text(placeholder: string, help: string): Option<string | undefined>
export function text(placeholder: string, help: string, fallback: string): Option<string>
export function text(placeholder: string, help: string, fallback?: string): Option<string | undefined> {
  return { placeholder, help, ...fallback === undefined ? {} : { fallback }, allowed: `a ${placeholder}`, read: ([word = fallback]) => (word === '' ? undefined : { value: word }) }
}

/** Any texts, one each time that the option is given. */
export function texts(placeholder: string, help: string): Option<readonly string[]> {
  return { placeholder, help, repeats: true, allowed: `a ${placeholder}`, read: (words) => (words.includes('') ? undefined : { value: words }) }
}

/** @param least - the smallest that is allowed */
export function whole(help: string, fallback: number, least: number): Option<number> {
  return number(help, fallback, `a whole number from ${least} up`, (value) => Number.isSafeInteger(value) && value >= least)
}

/** A part of all, from 0 to 1. */
export function share(help: string, fallback: number): Option<number> {
  return number(help, fallback, 'a share from 0 to 1', (value) => value >= 0 && value <= 1)
}

export function oneOf<Name extends string>(names: readonly Name[], help: string, fallback: Name): Option<Name> {
  return {
    placeholder: 'name', help, names, fallback,
    allowed: names.join(' or '),
    read([word = fallback]) {
      const value = names.find((name) => name === word)
      return value === undefined ? undefined : { value }
    },
  }
}

/** Some of a few names, with commas between them; the option may be given several times as well. */
export function someOf<Name extends string>(names: readonly Name[], help: string, fallback: readonly Name[] = names): Option<readonly Name[]> {
  return {
    placeholder: 'names', help, names, repeats: true,
    fallback: fallback.length === names.length ? 'all' : fallback.join(),
    allowed: `some of ${names.join(', ')}, with commas between them`,
    read(words) {
      if (words.length === 0) return { value: fallback }
      const found = words.flatMap((word) => word.split(',')).map((word) => names.find((name) => name === word))
      return found.every((name) => name !== undefined) ? { value: found } : undefined
    },
  }
}

/** Text that must read as something: see `allowed`. */
export function parsed<Value>(placeholder: string, help: string, fallback: string, allowed: string, parse: (word: string) => Value | undefined): Option<Value> {
  return {
    placeholder, help, fallback, allowed,
    read([word = fallback]) {
      const value = parse(word)
      return value === undefined ? undefined : { value }
    },
  }
}

function number(help: string, fallback: number, allowed: string, fits: (value: number) => boolean): Option<number> {
  return parsed('number', help, `${fallback}`, allowed, (word) => {
    const value = Number(word)
    return word.trim() !== '' && fits(value) ? value : undefined
  })
}
