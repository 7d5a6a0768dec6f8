// Headers that say where a request was sent to, and where it comes from: of clients, of proxies, and forged.

import fc from 'fast-check'
import type { Request } from './requests'

const hosts = [
  // What sites.ts allows.
  ...['lab.example', 'LAB.example.:80', 'labs.example', 'a.b.labs.example:9405', '.labs.example'],
  // What looks like it.
  ...[
    'lab.example.forged.invalid',
    'labs.example.forged.invalid',
    'lab.example:x',
    'lab.example@forged.invalid',
  ],
  ...['forged.invalid/.labs.example', 'forged.invalid#.labs.example', "'; --.labs.example", 'é.labs.example'],
  ...['forged.invalid, lab.example', 'lab.example, forged.invalid'],
  ...[
    'forged.invalid',
    'forged.invalid:1',
    'http://forged.invalid/',
    '"><script>forged.invalid',
    'localhost',
  ],
  ...['', '.', ':', ':80', 'a b', '[::1]', '[::1', '127.0.0.1:999999', '..%2f', `${'x'.repeat(300)}.invalid`],
]

/** Where somebody says he is who forges X-Forwarded-For; the proxy adds to that. */
export const SPOOFED = '198.51.100.7'
const clients = [
  ...[
    '192.0.2.1',
    '192.0.2.9:1234',
    '[2001:db8::1]:80',
    '',
    'unknown',
    '256.0.0.1',
    "'; --",
    `${SPOOFED}x`,
  ].map((last) => `${SPOOFED}, ${last}`),
  ...['192.0.2.1', '2001:db8::1%eth0', '::ffff:192.0.2.1', '::', '[]', ',,,', '', 'é', '1'.repeat(2000)],
]

const schemes = ['https', 'http', 'https, http', 'http,https', 'HTTPS', 'javascript', 'https,', '']

export const addressing = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record(
      {
        host: fc.constantFrom(...hosts),
        'x-forwarded-host': fc.constantFrom(...hosts),
        'x-forwarded-proto': fc.constantFrom(...schemes),
        'x-forwarded-for': fc.constantFrom(...clients),
        // Means nothing to this server.
        forwarded: fc.constantFrom(`for=${SPOOFED};proto=https;host=forged.invalid`, 'host="', ';=,'),
      },
      { requiredKeys: [] },
    ) as fc.Arbitrary<Record<string, string>>,
  },
  { weight: 1, arbitrary: fc.record({ 'x-forwarded-proto': fc.constantFrom(...schemes) }) },
)

/** The same request without such headers; undefined where it has none. */
export function unaddressed(request: Request): Request | undefined {
  const given = Object.entries(request.headers)
  const others = given.filter(([name]) => name !== 'host' && !name.includes('forwarded'))
  return others.length === given.length ? undefined : { ...request, headers: Object.fromEntries(others) }
}
