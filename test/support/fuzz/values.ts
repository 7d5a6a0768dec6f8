// Values as nobody should send them, and values as a schema asks for them with now and then one of the others.

import fc from 'fast-check'
import type { Schema } from './schema'

/** Stands for a value of this field that an answer had: which ones there are is known only when it is sent. */
export class Seen {
  constructor(
    readonly field: string,
    readonly pick: number,
  ) {}
}

/** Stands in JSON as it is written here: numbers and depths that no value of ours has. */
export class Raw {
  constructor(readonly text: string) {}
}

const raw = (text: string) => new Raw(text)
const nested = (depth: number, open: string, close: string) =>
  raw(`${open.repeat(depth)}1${close.repeat(depth)}`)

/** What has been taken for something else, somewhere, once. */
export const nasty = [
  ...[
    '',
    ' ',
    '\0',
    'a\0b',
    '\ud800',
    'a\udfffb',
    '\u{1f951}',
    '\u202eexe\u200b',
    '\ufeff',
    'e\u0301',
    '\r\nX-A: b',
  ],
  ...[
    "'; DROP TABLE job; --",
    '" OR ""="',
    "' OR '1'='1",
    '%',
    '_',
    '*',
    '"',
    "'",
    '\\',
    'x AND NOT OR',
    'NEAR(',
    ':',
  ],
  ...['<script>window.pwned=1</script>', '"><img src=x onerror=alert(1)>', '{{7*7}}<%=7*7%>', 'javascript:1'],
  ...[
    '..',
    '.',
    '../../etc/passwd',
    '/',
    '//',
    'a/b',
    '\\..\\',
    'C:\\',
    'file:///etc/passwd',
    '%00',
    '%2e%2e%2f',
  ],
  ...[
    'null',
    'undefined',
    'NaN',
    'Infinity',
    'true',
    '[]',
    '{}',
    '__proto__',
    'constructor',
    'toString',
    'length',
  ],
  ...[
    '0',
    '-1',
    '-0',
    '1e400',
    '1e3',
    '0x10',
    '1_000',
    '٣',
    '9007199254740993',
    '9223372036854775808',
    '1'.repeat(400),
  ],
  ...[
    '1969-12-31T23:59:59Z',
    '2254-01-01T00:00:00Z',
    '9999-12-31T23:59:59Z',
    '2026-02-30T25:61:61Z',
    '2026-11-24',
  ],
  ...['0000-00-00T00:00:00Z', '2026-11-24T12:00:00+99:99', '+275760-09-13T00:00:00Z', '2026-11-24 12:00'],
  ...[
    'summary',
    'latest',
    'events',
    'last',
    'PASS',
    'pass',
    'SKIP',
    'unknown',
    'no',
    'a'.repeat(39),
    '\t',
    'İ',
  ],
]

const units = ['a', 'é', '\u{1f951}', '<', '"', '0', ' ', '(', '-', "'"]
const sizes = [20, 21, 40, 41, 150, 151, 255, 256, 1024, 1025, 10_000, 100_000]
const long = fc
  .tuple(fc.constantFrom(...units), fc.constantFrom(...sizes))
  .map(([unit, size]) => unit.repeat(size))

export const hostileText = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...nasty) },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
  { weight: 1, arbitrary: long },
)

const numbers = [-1, 0, 0.1, 2 ** 31, 2 ** 53, 2 ** 63, 2 ** 64, 1.7e308, 5e-324, -1e300]
const rawNumbers = ['-0', '1e400', '-1e400', '9'.repeat(400), '9007199254740993', '1E-400', '0.1e1']

export const hostileValue: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 6, arbitrary: hostileText },
  { weight: 2, arbitrary: fc.constantFrom(...numbers, ...rawNumbers.map(raw)) },
  { weight: 2, arbitrary: fc.constantFrom<unknown>(null, true, false, [], {}, [[]], [null], { a: [] }) },
  { weight: 1, arbitrary: fc.constant(raw('{"__proto__": {"a": 1}, "a": 1, "a": 2}')) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(nested(30, '[', ']'), nested(400, '{"a":', '}'), nested(50_000, '[', ']')),
  },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
)

const day = Date.UTC(2026, 10, 1)

/** A value that the schema allows, more or less. */
function sane(schema: Schema, name: string, odds: number): fc.Arbitrary<unknown> {
  const unions = schema.anyOf ?? schema.oneOf
  if (unions) return fc.oneof(...unions.map((choice) => valueFor(choice, name, odds)))
  if (schema.const !== undefined) return fc.constant(schema.const)
  if (schema.enum) return fc.constantFrom(...schema.enum)
  switch (schema.type) {
    case 'object': {
      const fields = Object.entries(schema.properties ?? {}).map(([key, field]) => [
        key,
        valueFor(field, key, odds),
      ])
      const known = fc.record(Object.fromEntries(fields), {
        requiredKeys: (schema.required ?? []) as never[],
      })
      return fc
        .tuple(known, fc.option(fc.dictionary(hostileText, hostileValue, { maxKeys: 2 }), { freq: 12 }))
        .map(([object, further]) => ({ ...(object as object), ...further }))
    }
    case 'array':
      return fc.array(valueFor(schema.items ?? {}, name, odds), { maxLength: 4 })
    case 'integer':
    case 'number':
      return fc.oneof(
        fc.nat({ max: 9 }).map((pick) => new Seen(name, pick)),
        fc.nat({ max: Math.min(schema.maximum ?? 1000, 1000) }),
        schema.type === 'integer' ? fc.constant(1) : fc.double({ min: 0, max: 1e6, noNaN: true }),
      )
    case 'boolean':
      return fc.boolean()
    case 'null':
      return fc.constant(null)
    case 'string':
      if (schema.format === 'date-time' || /time/.test(name)) {
        return fc.nat({ max: 30 * 86_400 }).map((seconds) => new Date(day + seconds * 1000).toISOString())
      }
      return fc.oneof(
        // What somebody signs in with has to be a user's.
        {
          weight: /password/.test(name) ? 9 : 1,
          arbitrary: fc.nat({ max: 49 }).map((pick) => new Seen(name, pick)),
        },
        fc.stringMatching(/^[a-z][a-z0-9-]{2,11}$/),
      )
    default:
      return hostileValue
  }
}

/**
 * A value of a schema, at any depth with what the schema does not ask for.
 *
 * @param name  of the field.
 * @param odds  one in so many values is such; 0: none.
 */
export function valueFor(schema: Schema, name: string, odds: number): fc.Arbitrary<unknown> {
  const allowed = sane(schema, name, odds)
  if (odds === 0) return allowed
  return fc.oneof({ weight: odds - 1, arbitrary: allowed }, { weight: 1, arbitrary: hostileValue })
}
