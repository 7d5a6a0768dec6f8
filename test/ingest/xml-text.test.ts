// XML in all encodings, and characters that XML cannot hold.

import { expect, test } from 'bun:test'
import { readXunit } from '../../src/ingest/formats/xunit'
import { runAtOnce } from '../../src/lib/cooperative'
import { withServer } from '../support/server'
import { refusal } from './samples'

const NAME = 'grün é'
const content = (name: string) => `<testsuite name="s"><testcase name="${name}"/></testsuite>`
const declared = (encoding: string, name = NAME) =>
  `<?xml version="1.0" encoding="${encoding}"?>\n${content(name)}`
const latin1 = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'))
const utf16le = (text: string) => new Uint8Array(Buffer.from(text, 'utf16le'))
const utf16be = (text: string) => new Uint8Array(Buffer.from(text, 'utf16le').swap16())
const utf8 = (text: string) => new TextEncoder().encode(text)
const read = (bytes: Uint8Array) => runAtOnce(readXunit(bytes, { zone: 'UTC' }))
const server = withServer()

const right: [string, Uint8Array, string][] = [
  ['UTF-8', utf8(content(NAME)), NAME],
  ['UTF-8 with a mark', utf8(`\uFEFF${declared('UTF-8')}`), NAME],
  ['a mark and another declaration', utf8(`\uFEFF${declared('ISO-8859-1')}`), NAME],
  ['Latin-1', latin1(declared('ISO-8859-1')), NAME],
  ['windows-1252', latin1(declared('windows-1252', '\x80')), '€'],
  ['Latin-9', latin1(declared('ISO-8859-15', '\xa4')), '€'],
  ['Shift JIS', Buffer.concat([latin1(declared('Shift_JIS', '\x93\xfa\x96\x7b'))]), '日本'],
  ['UTF-16 with a mark', utf16le(`\uFEFF${declared('UTF-16')}`), NAME],
  ['UTF-16, its mark alone', utf16le(`\uFEFF${content(NAME)}`), NAME],
  ['UTF-16 without a mark', utf16le(declared('UTF-16LE')), NAME],
  ['UTF-16 without mark and declaration', utf16le(content(NAME)), NAME],
  ['UTF-16 of the other order', utf16be(`\uFEFF${declared('UTF-16')}`), NAME],
  ['the same without a mark', utf16be(content(NAME)), NAME],
  ['what says UTF-16 and is UTF-8', utf8(declared('utf-16')), NAME],
  ['what says ASCII and is UTF-8', utf8(declared('US-ASCII')), NAME],
  ['blanks before the declaration', utf8(`\n  ${declared('UTF-8')}`), NAME],
]

test.each(right)('%s', (_, bytes, name) => {
  const { tests, warnings } = read(bytes)
  expect([tests.map(({ tag }) => tag), warnings]).toEqual([[name], []])
})

test.each(right.filter(([name]) => name.includes('UTF-16')))('%s is recognised', async (_, bytes) => {
  const { status } = await server.client.request('POST', '/imports/', {
    body: bytes as Uint8Array<ArrayBuffer>,
  })
  expect(status).toBe(201)
})

test.each([
  [
    'UTF-8',
    latin1(declared('UTF-8')),
    'gr\uFFFDn \uFFFD',
    'bytes that are no UTF-8 were replaced by U+FFFD.',
  ],
  [
    'an encoding that nobody knows',
    utf8(declared('EBCDIC-7')),
    NAME,
    'the encoding "EBCDIC-7" is not known: it was read as UTF-8.',
  ],
  [
    'an ESC',
    utf8(content('\u001b[31m')),
    '\uFFFD[31m',
    'characters that XML cannot hold were replaced by U+FFFD.',
  ],
  [
    'references',
    utf8(content('&#x1B;&#27;&#0;&#xFFFE;&#xD800;&#x110000;')),
    '\uFFFD'.repeat(6),
    'characters that XML cannot hold were replaced by U+FFFD.',
  ],
])('%s: what fits nothing is replaced, and told', (_, bytes, name, warning) => {
  const { tests, warnings } = read(bytes)
  expect([tests.map(({ tag }) => tag), warnings]).toEqual([[name], [`The xUnit file: ${warning}`]])
})

test('references to what XML allows stay, and those that are text stay text', () => {
  const { tests, warnings } = read(
    utf8(
      '<testsuite><!-- &#x1B; --><testcase name="&#65;&#x1F600;"><failure><![CDATA[&#x1B;]]></failure></testcase></testsuite>',
    ),
  )
  expect(tests.map(({ tag, failReason }) => [tag, failReason])).toEqual([['A😀', '&#x1B;']])
  expect(warnings).toEqual([])
})

test('XML 1.1 may refer to control characters, and not hold them', () => {
  const xml = `<?xml version="1.1"?>${content('&#x1b;[31m&#1;\ufdd5&#x0;')}`
  const { tests, warnings } = read(utf8(xml))
  expect(tests.map(({ tag }) => tag)).toEqual(['\u001b[31m\u0001\uFFFD\uFFFD'])
  expect(warnings).toEqual(['The xUnit file: characters that XML cannot hold were replaced by U+FFFD.'])
})

test('UTF-32 is refused', () => {
  expect(refusal(() => read(new Uint8Array(Buffer.from('3c0000003f000000', 'hex'))))).toBe(
    'The xUnit file: it is in UTF-32: send it in UTF-8.',
  )
})

test('what begins again and again and never ends is gone through once', () => {
  const bytes = utf8(`<testsuite name="&#65;">${'<![CDATA[<!--&#27;'.repeat(400_000)}`)
  expect(read(bytes).notStarted).toBe(1)
  const comments = utf8(`<testsuites></testsuite>${'<!--<![CDATA[&#27;'.repeat(400_000)}`)
  expect(refusal(() => read(comments))).toStartWith('The xUnit file: this is not XML')
})
