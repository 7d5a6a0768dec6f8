import { describe, expect, test } from 'bun:test'
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { asAvocadoSplits } from '../../src/imports/model'
import { findTestStatus } from '../../src/statuses/model'
import { parseTime } from '../../src/time'
import { parseXunit } from './at-once'
import { mutatedText, refusal, sampleJob, samplesWith, sampleText } from './samples'

const UTC = { zone: 'UTC' }
const FILE = 'results.xml'
const status = (word: string) => findTestStatus(word) ?? null
const sha1 = (text: string) => createHash('sha1').update(text).digest('hex')
/** What Avocado's words become in its xUnit. */
const words = new Map([
  ['WARN', 'PASS'],
  ['CANCEL', 'SKIP'],
  ['INTERRUPTED', 'ERROR'],
])

/** Avocado writes a reason so that it is pure ASCII. */
const inAscii = (text: string) =>
  text.replace(/[^\0-\x7f]/g, (sign) => `\\x${sign.charCodeAt(0).toString(16)}`)

/** Tags, statuses and fail reasons of a suite with this content. */
function outcomes(content: string, attributes = 'name="s"') {
  const [job] = parseXunit(`<testsuite ${attributes}>${content}</testsuite>`, UTC)
  return job?.tests.map(({ tag, status, failReason }) => [tag, status, failReason])
}

describe.each(samplesWith(FILE))('%s', (sample) => {
  test('is what results.json says, as far as xUnit can', () => {
    const text = sampleText(sample, FILE)
    const json = sampleJob(sample)
    const suite = /<testsuite name="(.*?)" .* time="(.*?)" timestamp="(.*?)">/.exec(text) ?? []
    const seconds = [...text.matchAll(/<testcase .* time="(.*?)"/g)].map(([, time]) => Number(time))
    const seen = new Map<string, number>()
    const [job, ...others] = parseXunit(text, UTC)
    expect(others).toEqual([])
    expect({ ...job, warnings: [] }).toEqual({
      id: sha1(text),
      description: suite[1] as string,
      time: parseTime(suite[3] as string, 'UTC') as number,
      elapsed: Number(suite[2]),
      status: null,
      notStarted: json.total - json.tests.length,
      environment: null,
      activities: [],
      data: [],
      tests: json.tests.map(({ name, status: word, fail_reason }, index) => {
        const count = (seen.get(name) ?? 0) + 1
        seen.set(name, count)
        const failed = ['FAIL', 'ERROR', 'INTERRUPTED'].includes(word) && fail_reason !== '<unknown>'
        return {
          ...asAvocadoSplits(count === 1 ? name : `${name}#${count}`),
          status: status(words.get(word) ?? word),
          precise: false,
          exactTimes: false,
          started: null,
          elapsed: seconds[index] as number,
          folder: null,
          failReason: failed ? inAscii(fail_reason) : null,
          activities: [],
          data: [],
        }
      }),
      warnings: [],
    })
  })
})

test('error, failure and skipped are ERROR, FAIL and SKIP, with message or text as the reason', () => {
  expect(
    outcomes(`
      <testcase name="a"/>
      <testcase name="b"><failure message="one &lt; two">traceback</failure></testcase>
      <testcase name="c"><error><![CDATA[ it <broke> ]]></error><system-out>noise</system-out></testcase>
      <testcase name="d"><skipped message="no disk"/></testcase>
      <testcase name="e"><failure message="&lt;unknown&gt;"/><error/></testcase>
      <testcase name="f" status="notrun"/>`),
  ).toEqual([
    ['a', status('PASS'), null],
    ['b', status('FAIL'), 'one < two'],
    ['c', status('ERROR'), 'it <broke>'],
    ['d', status('SKIP'), 'no disk'],
    ['e', status('ERROR'), null],
    ['f', status('SKIP'), null],
  ])
})

test('a name that is not whole gets its class in front', () => {
  const content = `
    <testcase classname="tests.test_disk.TestDisk" name="test_read"/>
    <testcase classname="FailTest" name="failtest.py:FailTest.test"/>
    <testcase classname="&lt;unknown&gt;" name="/bin/true"/>`
  expect(outcomes(content)?.map(([tag]) => tag)).toEqual([
    'tests.test_disk.TestDisk.test_read',
    'failtest.py:FailTest.test',
    '/bin/true',
  ])
  const avocado = 'name="job-2026-11-23T18.20-dd56aa9"'
  expect(outcomes('<testcase classname="C" name="x"/>', avocado)).toEqual([['x', status('PASS'), null]])
})

test('tests of one name are numbered', () => {
  expect(
    outcomes('<testcase name="a"/><testcase name="a"/><testcase name="a"/>')?.map(([tag]) => tag),
  ).toEqual(['a', 'a#2', 'a#3'])
})

test('each suite that holds tests is a job, with what it counts and did not list', () => {
  const text = `<?xml version="1.0"?>
    <testsuites tests="9">
      <testsuite name="outer" tests="3">
        <testsuite name="inner" tests="2" time="1,234.5" timestamp="2026-07-01T14:00:00"><testcase name="a"/></testsuite>
      </testsuite>
      <testsuite name="empty" tests="0" timestamp="noon"/>
      <testsuite name="both"><testcase name="b"/><testsuite name="last"><testcase name="c"/></testsuite></testsuite>
    </testsuites>`
  const jobs = parseXunit(text, { zone: 'Europe/Berlin' })
  expect(
    jobs.map(({ id, description, time, elapsed, notStarted, tests, warnings }) => [
      id,
      description,
      time,
      elapsed,
      notStarted,
      tests.map(({ tag }) => tag),
      warnings,
    ]),
  ).toEqual([
    [sha1(text), 'inner', parseTime('2026-07-01T12:00', 'UTC') as number, 1234.5, 1, ['a'], []],
    [
      sha1(`${sha1(text)}#1`),
      'empty',
      null,
      null,
      0,
      [],
      ['The xUnit file, suite 2: the timestamp noon is not a time, and was left out.'],
    ],
    [sha1(`${sha1(text)}#2`), 'both', null, null, null, ['b'], []],
    [sha1(`${sha1(text)}#3`), 'last', null, null, null, ['c'], []],
  ])
})

test('the colours of a terminal, which XML forbids, are replaced', () => {
  const [job] = parseXunit('<testsuite><testcase name="a\u001b[31m"/></testsuite>', UTC)
  expect([job?.tests[0]?.tag, job?.warnings]).toEqual([
    'a\uFFFD[31m',
    ['The xUnit file: characters that XML cannot hold were replaced by U+FFFD.'],
  ])
})

const bomb = `<!DOCTYPE t [<!ENTITY e0 "aaaaaaaaaa">${Array.from(
  { length: 12 },
  (_, index) => `<!ENTITY e${index + 1} "${`&e${index};`.repeat(10)}">`,
).join('')}]><testsuite name="&e12;"/>`

test.each([
  ['this is not XML: XML Parse error: XML document must have a root element.', ''],
  ["this is not XML: XML Parse error: Entity 'x' is not declared.", '<testsuite>&x;</testsuite>'],
  ['this is not XML: XML Parse error: Entity expansion exceeds the amplification limit.', bomb],
  [
    'this is not XML: Maximum call stack size exceeded..',
    '<testsuite>'.repeat(300_000) + '</testsuite>'.repeat(300_000),
  ],
  ['the root is <html>, not <testsuite> or <testsuites>.', '<html/>'],
  ['there is no <testsuite> in it.', '<testsuites/>'],
])('refused with %s', (sentence, text) => {
  expect(refusal(() => parseXunit(text, UTC))).toBe(`The xUnit file: ${sentence}`)
})

test.each([
  ['test 1 has no name.', '<testsuite><testcase/></testsuite>'],
  ['the time="soon" of test 1 is not a number.', '<testsuite><testcase name="a" time="soon"/></testsuite>'],
  ['tests="many" is not a number.', '<testsuite tests="many"/>'],
])('a suite is refused with %s', (sentence, text) => {
  expect(refusal(() => parseXunit(text, UTC))).toBe(`The xUnit file, suite 1: ${sentence}`)
})

test('files of other machines are not read', () => {
  const text =
    '<!DOCTYPE t [<!ENTITY x SYSTEM "file:///etc/passwd">]><testsuite><testcase name="&x;"/></testsuite>'
  expect(refusal(() => parseXunit(text, UTC))).toStartWith('The xUnit file: this is not XML')
})

test('suites in suites, and many tests of one name, are no matter', () => {
  const deep = `${'<testsuite>'.repeat(5000)}<testcase name="a"/>${'</testsuite>'.repeat(5000)}`
  expect(parseXunit(deep, UTC).map(({ tests }) => tests.length)).toEqual([1])
  const wide = `<testsuites>${'<testsuite><testcase name="a"/></testsuite>'.repeat(20_000)}</testsuites>`
  expect(parseXunit(wide, UTC)).toHaveLength(20_000)
})

test('no text makes it throw anything but BadRequest', () => {
  const name = fc.constantFrom('testsuite', 'testsuites', 'testcase', 'failure', 'error', 'skipped', 'x:y')
  const attributes = fc
    .dictionary(
      fc.constantFrom(
        'name',
        'classname',
        'tests',
        'time',
        'timestamp',
        'message',
        '__proto__',
        'constructor',
      ),
      fc.oneof(fc.string(), fc.nat().map(String)),
    )
    .map((map) =>
      Object.entries(map)
        .map(([key, value]) => ` ${key}="${Bun.escapeHTML(value)}"`)
        .join(''),
    )
  const { node } = fc.letrec<{ node: string }>((tie) => ({
    node: fc
      .tuple(name, attributes, fc.array(fc.oneof({ depthSize: 'small' }, fc.constant('text'), tie('node'))))
      .map(([name, attributes, children]) => `<${name}${attributes}>${children.join('')}</${name}>`),
  }))
  const texts = fc.oneof(
    fc.string({ unit: 'binary' }),
    node,
    node.map((inner) => `<testsuites>${inner}</testsuites>`),
    mutatedText(sampleText('small-sysinfo', FILE)),
    mutatedText(sampleText('failfast', FILE)),
  )
  fc.assert(
    fc.property(texts, (text) => {
      refusal(() => {
        for (const { tests } of parseXunit(text, UTC)) {
          expect(new Set(tests.map(({ tag }) => tag)).size).toBe(tests.length)
          expect(tests.filter(({ tag, status }) => tag === '' || status === null)).toEqual([])
        }
      })
    }),
    { numRuns: 500 },
  )
})
