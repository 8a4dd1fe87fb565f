import { createHash, timingSafeEqual } from 'node:crypto'
import { readFile } from 'node:fs/promises'

import { NodeError } from '../errors.js'

/** A shorter key could be guessed. */
const SHORTEST = 16
const KEY = /^[\x21-\x7e]{16,1000}$/

/** The keys that clients may send. */
export class ApiKeys {
  readonly #digests: readonly Buffer[]

  constructor(keys: readonly string[]) {
    this.#digests = keys.map(digest)
  }

  /**
   * Reads a file with a key a line; empty lines and those that begin with # are left out.
   *
   * @throws NodeError API_KEY_UNREADABLE
   */
  static async read(file: string): Promise<ApiKeys> {
    const text = await readFile(file, 'utf8').catch((error: unknown) => {
      throw new NodeError('API_KEY_UNREADABLE', `the API's keys cannot be read from ${file} (${String(error)}): make the file with \`openssl rand -hex 32 > ${file}\``, { cause: error })
    })
    const keys = text.split('\n').map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'))
    const wrong = keys.findIndex((key) => !KEY.test(key))
    if (keys.length === 0 || wrong >= 0) {
      throw new NodeError('API_KEY_UNREADABLE', `${file} ${keys.length === 0 ? 'holds no key' : `has a key that is none (its ${wrong + 1}.)`}: write one a line, ${SHORTEST} to 1000 visible characters each, such as \`openssl rand -hex 32\` makes`)
    }
    return new ApiKeys(keys)
  }

  /**
   * Who sends this header: a name for the key, which does not tell it. Undefined where no key of ours is in it.
   * Takes as long for a key that is nearly right as for one that is all wrong.
   *
   * @param authorization - such as `Bearer <key>`
   */
  clientOf(authorization: string | undefined): string | undefined {
    const given = digest(/^Bearer +(\S{1,1000}) *$/i.exec(authorization ?? '')?.[1] ?? '')
    let found: string | undefined
    for (const one of this.#digests) if (timingSafeEqual(one, given)) found = `key ${one.toString('hex').slice(0, 12)}`
    return found
  }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
