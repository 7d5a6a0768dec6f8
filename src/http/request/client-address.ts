// The address and the network that a request comes from, for limits by network and for the audit log.

import { isIP } from 'node:net'
import { requestContext } from './request-context'

/**
 * The sender's network: an IPv4 address, or the first 64 bits of an IPv6 address, because one machine may use any
 * number of IPv6 addresses. Empty if unknown: all unknown senders count as one network.
 */
export function networkOf(request: Request): string {
  return networkOfAddress(requestContext(request).address?.() ?? '')
}

/** The sender's address; `-` if unknown. */
export function addressOf(request: Request): string {
  // A socket for IPv4 and IPv6 shows IPv4 addresses in this form.
  const address = requestContext(request)
    .address?.()
    ?.replace(/^::ffff:(?=\d+\.)/, '')
  return address || '-'
}

export function networkOfAddress(address: string): string {
  if (isIP(address) !== 6) return address
  // URL writes an IPv4 address at the end in hexadecimal digits. The zone is removed first, because URL refuses it.
  const text = new URL(`http://[${address.replace(/%.*$/, '')}]`).hostname.slice(1, -1)
  const [start = '', end] = text.split('::')
  const before = start.split(':').filter((part) => part !== '')
  const after = end?.split(':').filter((part) => part !== '') ?? []
  const parts = [...before, ...Array<string>(8 - before.length - after.length).fill('0'), ...after]
  // An IPv4 address on a socket for IPv4 and IPv6.
  if (parts.slice(0, 6).join(':') === '0:0:0:0:0:ffff') return v4Of(parts.slice(6))
  return `${parts.slice(0, 4).join(':')}::/64`
}

/** The last address in `X-Forwarded-For`: the one that the proxy next to us saw itself. */
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
