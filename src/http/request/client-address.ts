// Where a request comes from, for what is counted by that, or told of.

import { isIP } from 'node:net'
import { requestContext } from './request-context'

/**
 * The network of who sent a request: an IPv4 address, or the first 64 bits of an IPv6 address, of which one machine
 * has as many as it likes. Empty where nothing is known: all of those are one.
 */
export function networkOf(request: Request): string {
  return networkOfAddress(requestContext(request).address?.() ?? '')
}

/** The address of who sent a request; `-` where nothing is known. */
export function addressOf(request: Request): string {
  // An IPv4 address that came to a socket of both kinds is one still.
  const address = requestContext(request)
    .address?.()
    ?.replace(/^::ffff:(?=\d+\.)/, '')
  return address || '-'
}

export function networkOfAddress(address: string): string {
  if (isIP(address) !== 6) return address
  // As URLs write it: an IPv4 address at the end in hexadecimal digits, and no zone.
  const text = new URL(`http://[${address.replace(/%.*$/, '')}]`).hostname.slice(1, -1)
  const [start = '', end] = text.split('::')
  const before = start.split(':').filter((part) => part !== '')
  const after = end?.split(':').filter((part) => part !== '') ?? []
  const parts = [...before, ...Array<string>(8 - before.length - after.length).fill('0'), ...after]
  // An IPv4 address that came to a socket of both kinds.
  if (parts.slice(0, 6).join(':') === '0:0:0:0:0:ffff') return v4Of(parts.slice(6))
  return `${parts.slice(0, 4).join(':')}::/64`
}

/** The last address in `X-Forwarded-For`: the one that the proxy next to us has seen itself. */
export function forwardedAddress(header: string | null): string | undefined {
  const last = header?.split(',').at(-1)?.trim() ?? ''
  const [, bracketed, plain] = /^(?:\[([^\]]+)\](?::\d+)?|([\d.]+):\d+)$/.exec(last) ?? []
  const address = bracketed ?? plain ?? last
  return isIP(address) === 0 ? undefined : address
}

function v4Of(parts: string[]): string {
  const bytes = parts.flatMap((part) => [Number.parseInt(part, 16) >> 8, Number.parseInt(part, 16) & 255])
  return bytes.join('.')
}
