// What is masked, and what is evidence and stays.

import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { makeToken } from '../../src/auth/credentials'
import { makeSecret } from '../../src/auth/session'
import { runAtOnce } from '../../src/lib/cooperative'
import { maskBytes, maskLongText, maskText } from '../../src/secrets/mask'

const maskWhole = (bytes: Uint8Array) => inChunks(bytes, [bytes.length])

const masked: [string, string, string?][] = [
  [
    'a name in the value of another',
    '_auth_token=SECRET_auth_token=SECRET x',
    '_auth_token=************************ x',
  ],
  ['a URL', 'http://admin:PASSWORD@host:9405/x', 'http://admin:********@host:9405/x'],
  ['no scheme', 'see //admin:PASSWORD@host', 'see //admin:********@host'],
  ['no user', 'redis://:PASSWORD@host', 'redis://:********@host'],
  ['an address as user', 'http://me@corp.com:PASSWORD@host', 'http://me@corp.com:********@host'],
  ['@ in it', 'http://admin:PASS@ORD@host', 'http://admin:********@host'],
  ['encoded characters in it', 'http://admin:P%40SS%3AD@host', 'http://admin:**********@host'],
  ['a quote in it', "http://admin:IT'S@host", 'http://admin:****@host'],
  ['Unicode', 'http://admin:PÄSSWORD@host', 'http://admin:********@host'],
  ['repr()', "['upload', 'http://admin:PASSWORD@host']", "['upload', 'http://admin:********@host']"],
  ['repr() of repr()', "'[\\'http://admin:PASSWORD@host\\']'", "'[\\'http://admin:********@host\\']'"],
  ['JSON', '{"url": "http://admin:PASSWORD@host"}', '{"url": "http://admin:********@host"}'],
  ['JSON, slashes escaped', '"http:\\/\\/admin:PASSWORD@host\\/"', '"http:\\/\\/admin:********@host\\/"'],
  [
    'the same in JSON',
    '"http:\\\\\\/\\\\\\/a:PASSWORD@h\\\\\\/"',
    '"http:\\\\\\/\\\\\\/a:********@h\\\\\\/"',
  ],
  ['JSON, all escaped', 'http\\u003a\\u002f\\u002fadmin\\u003aPASSWORD\\u0040host'],
  ['JSON, Unicode escaped', '"http://admin:P\\u00c4SSWORD@host"', '"http://admin:*************@host"'],
  ['HTML', 'http:&#x2F;&#x2F;admin:PASS&amp;D@host', 'http:&#x2F;&#x2F;admin:**********@host'],
  ['percent-encoded', 'http%3A%2F%2Fadmin%3APASSWORD%40host%2F&b=x@y'],
  ['in small letters', 'http%3a%2f%2fadmin%3aPASSWORD%40host%2fa%40b'],
  ['slashes left', 'http%3A//admin%3APASSWORD%40host'],
  ['colons and slashes left', 'http://admin:PASSWORD%40host'],
  ['percent-encoded twice', 'http%253A%252F%252Fadmin%253APASSWORD%2540host'],
  [
    'encoded, with encoded signs in it',
    'http%3A%2F%2Fa%3APA%2540S%252FS%40h',
    'http%3A%2F%2Fa%3A**************%40h',
  ],
  ['_auth_token in JSON', '{"_auth_token": "PASSWORD"}', '{"_auth_token": "********"}'],
  ['_auth_token in a form', '_auth_token=PASSWORD&outcome=FAILED', '_auth_token=********&outcome=FAILED'],
  ['_auth_token in repr()', "{'_auth_token': 'PASSWORD'}", "{'_auth_token': '********'}"],
  ['_auth_token, escaped', '"{\\"_auth_token\\": \\"PASSWORD\\"}"', '"{\\"_auth_token\\": \\"********\\"}"'],
  ['_auth_token, encoded', '%7B%22_auth_token%22%3A%22PASSWORD%22%7D'],
  ['a header', 'Authorization: Bearer PASSWORD', 'Authorization: Bearer ********'],
  ['a header of HTTP/2', '[authorization: Bearer PASSWORD]', '[authorization: Bearer ********]'],
  ['a header in JSON', '"Authorization": "Bearer PASSWORD"', '"Authorization": "Bearer ********"'],
  ['a header of Python', "('Authorization', 'Bearer PASSWORD')", "('Authorization', 'Bearer ********')"],
  ['Basic', 'AUTHORIZATION:Basic YWRtaW46cGFzcw==', 'AUTHORIZATION:Basic ****************'],
]

test.each(masked)('masked: %s', async (_, text, expected = text.replace('PASSWORD', '********')) => {
  expect(maskText(text)).toBe(expected)
  expect(maskText(expected)).toBe(expected)
  const bytes = await maskWhole(Buffer.from(text))
  expect(bytes.length).toBe(Buffer.byteLength(text))
  expect(bytes.toString().replaceAll(/\*+/g, '*')).toBe(expected.replaceAll(/\*+/g, '*'))
})

test.each([
  'u002fu002fadmin:noescape@host',
  'qemu+ssh://root@host/system',
  'ssh://root@host:22/x',
  'http://host:9405/a:b@c',
  "['http://host:9405', 'user@example.com']",
  "['http://host:9405','user@example.com']",
  '["http://host:9405","user@example.com"]',
  '%5B%22http%3A%2F%2Fhost%3A9405%22%2C%22user%40example.com%22%5D',
  'http://host:9405?to=user@example.com',
  'http://host:9405\nuser@example.com',
  'docker://alpine:3.18@sha256:0123',
  'git@host:path //comment',
  '{"_auth_token": null}',
  "{'_auth_token': None}",
  'Authorization failed: Basic checks',
  'avocado_instrumented_test_runner_plugin_of_a_very_long_name_in_small_letters',
  'avocado_8xk2_x/job-2026-11-23T18.20-aa0d4a7',
])('evidence stays: %s', async (text) => {
  expect(maskText(text)).toBe(text)
  expect((await maskWhole(Buffer.from(text))).toString()).toBe(text)
})

test('tokens and sessions of this server are masked wherever they stand', () => {
  for (const secret of [makeToken(), `avocado_session=${makeSecret()}`]) {
    const random = secret.slice(-43)
    for (const text of [
      secret,
      `--token ${secret}\n`,
      `"${secret}"`,
      `x=${secret}&y`,
      `http://${secret}@host/`,
    ]) {
      expect(maskText(text)).toBe(text.replace(random, '*'.repeat(43)))
    }
  }
})

test('what is no text is changed only where a URL has its scheme', async () => {
  const binary = (text: string) => Buffer.concat([new Uint8Array(10), Buffer.from(text, 'latin1')])
  const kept = [binary('//admin:PASSWORD@host'), binary('x:///a:b@c'), binary('http://a:b\xe9@host')]
  for (const bytes of kept) expect((await maskWhole(bytes)).equals(bytes)).toBe(true)
  const bytes = binary('http://admin:PASSWORD@host')
  expect((await maskWhole(bytes)).equals(binary('http://admin:********@host'))).toBe(true)
})

async function inChunks(bytes: Uint8Array, sizes: number[]): Promise<Buffer> {
  async function* chunks() {
    let at = 0
    for (let turn = 0; at < bytes.length; turn++) {
      const size = sizes[turn % sizes.length] ?? 1
      yield bytes.subarray(at, at + size)
      at += size
    }
  }
  const made: Uint8Array[] = []
  for await (const chunk of maskBytes(chunks())) made.push(chunk)
  return Buffer.concat(made)
}

const pieces = fc.oneof(
  fc.constantFrom(...masked.map(([, text]) => text)),
  fc.constantFrom(
    '//',
    ':',
    '@',
    '%40',
    '%2F%2F',
    '%3A',
    '\\/',
    "'",
    '"',
    '\0',
    'avocado_',
    '_auth_token=',
    'Authorization: Bearer ',
    '\n',
  ),
  fc.string(),
  fc.nat({ max: 6000 }).map((length) => 'xY0'.repeat(length / 3)),
  fc.nat({ max: 6000 }).map((length) => ' '.repeat(length)),
)

test('however the bytes are cut into chunks, the result is the same', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(pieces, { maxLength: 60 }).map((list) => Buffer.from(list.join(''))),
      fc.array(fc.oneof(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 20_000 })), {
        minLength: 1,
        maxLength: 20,
      }),
      async (bytes, sizes) => {
        const before = Buffer.from(bytes)
        const whole = await maskWhole(bytes)
        expect(bytes.equals(before)).toBe(true)
        expect(whole.length).toBe(bytes.length)
        expect((await inChunks(bytes, sizes)).equals(whole)).toBe(true)
      },
    ),
    { numRuns: 200 },
  )
}, 60_000)

test('a password is masked wherever the chunks of a long file end', async () => {
  const text = `${'-'.repeat(20_000)} http://admin:PASSWORD@host ${'-'.repeat(20_000)}`
  for (let cut = 19_990; cut < 20_040; cut++) {
    const made = await inChunks(Buffer.from(text), [cut, 7, 100_000])
    expect(made.toString()).toBe(text.replace('PASSWORD', '********'))
  }
})

test('a long text is masked as a short one is, and others have their turns', async () => {
  const text = `${'-'.repeat(65_400)}${'//a:PASSWORD@host '.repeat(20)}avocado_${'xY0'.repeat(20)} `.repeat(
    20,
  )
  for (let cut = 0; cut < 60; cut++) {
    const [...turns] = maskLongText(text.slice(cut))
    expect(turns.length).toBe(Math.ceil((text.length - cut) / 65_536))
    expect(runAtOnce(maskLongText(text.slice(cut)))).toBe(maskText(text.slice(cut)))
  }
  await fc.assert(
    fc.asyncProperty(fc.array(pieces, { minLength: 1, maxLength: 60 }), async (list) => {
      const text = list.join('').repeat(Math.ceil(200_000 / Math.max(1, list.join('').length)))
      expect(runAtOnce(maskLongText(text))).toBe(maskText(text))
    }),
    { numRuns: 50 },
  )
}, 60_000)
