import { multiaddr } from '@multiformats/multiaddr'
import { z } from 'zod'

/** A whole number of a range; the message says which. */
export function whole(minimum: number, maximum: number, what = 'a whole number'): z.ZodInt {
  const fix = `write ${what} from ${minimum} to ${maximum}`
  return z.int({ error: fix }).min(minimum, { error: fix }).max(maximum, { error: fix })
}

/** A number of a range, fractions allowed. */
export function between(minimum: number, maximum: number): z.ZodNumber {
  const fix = `write a number from ${minimum} to ${maximum}`
  return z.number({ error: fix }).min(minimum, { error: fix }).max(maximum, { error: fix })
}

/** Text of 1 to `longest` characters. */
export function text(what: string, longest = 200): z.ZodString {
  const fix = `write ${what}, 1 to ${longest} characters`
  return z.string({ error: fix }).min(1, { error: fix }).max(longest, { error: fix })
}

export const flag = z.boolean({ error: 'write true or false' })

/** Milliseconds: at most a day, so that a slip of the unit is noticed. */
export const milliseconds = whole(0, 86_400_000, 'milliseconds')

const hex = (digits: number, what: string): z.ZodString => z.string({ error: `write ${what}: ${digits} lowercase hex digits` })
  .regex(new RegExp(`^[0-9a-f]{${digits}}$`), { error: `write ${what}: ${digits} lowercase hex digits` })

export const contentIdField = hex(64, 'a SHA-256')
export const publicKeyField = hex(64, 'an Ed25519 public key')
export const signatureField = hex(128, 'an Ed25519 signature')

export const peerIdField = z.string({ error: 'write a peer id such as 12D3KooW...' })
  .regex(/^12D3KooW[1-9A-HJ-NP-Za-km-z]{44}$/, { error: 'write a peer id: 12D3KooW and 44 base58 characters' })

/** A tag by which clusters are formed. */
export const domainField = z.string({ error: 'write a domain tag such as verilog' })
  .regex(/^[a-z][a-z0-9-]{0,31}$/, { error: 'write a domain tag: lowercase letters, digits and hyphens, such as verilog or qasm' })

/** An address to listen on or to announce. */
export const addressField = z.string({ error: 'write a multiaddr such as /ip4/0.0.0.0/tcp/4101' })
  .refine(isMultiaddr, { error: 'write a multiaddr such as /ip4/0.0.0.0/tcp/4101' })

/** An address of a certain peer. */
export const peerAddressField = z.string({ error: 'write a multiaddr that ends in /p2p/<peer id>' })
  .refine((address) => isMultiaddr(address) && /\/p2p\/12D3KooW[1-9A-HJ-NP-Za-km-z]{44}$/.test(address), {
    error: 'write a multiaddr that ends in /p2p/<peer id>, such as /ip4/10.0.0.7/tcp/4101/p2p/12D3KooW...',
  })

/** Where a web page comes from, as browsers tell it. */
export const originField = z.string({ error: 'write an origin such as https://ide.example.com' })
  .regex(/^[a-z][a-z0-9+.-]*:\/\/[^/?#\s]{1,255}$/, { error: 'write an origin such as https://ide.example.com or http://localhost:3000: a scheme and a host, without a path' })

/** Characters of an address: the parser of multiaddrs takes quadratic time. */
export const LONGEST_ADDRESS = 1000

function isMultiaddr(address: string): boolean {
  if (address.length > LONGEST_ADDRESS) return false
  try {
    multiaddr(address)
    return address.startsWith('/')
  } catch {
    return false
  }
}

/** Whether no item stands twice. */
export function distinct(items: readonly unknown[]): boolean {
  return new Set(items).size === items.length
}
