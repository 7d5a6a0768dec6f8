import { describe, expect, test } from 'bun:test'
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { splitAvocadoTag } from '../../src/ingest/model'
import { parseTime } from '../../src/lib/time'
import { findTestStatus } from '../../src/results/statuses/model'
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
  const { tests } = parseXunit(`<testsuite ${attributes}>${content}</testsuite>`, UTC)
  return tests.map(({ tag, status, failReason }) => [tag, status, failReason])
}

describe.each(samplesWith(FILE))('%s', (sample) => {
  test('is what results.json says, as far as xUnit can', () => {
    const text = sampleText(sample, FILE)
    const json = sampleJob(sample)
    const suite = /<testsuite name="(.*?)" .* time="(.*?)" timestamp="(.*?)">/.exec(text) ?? []
    const seconds = [...text.matchAll(/<testcase .* time="(.*?)"/g)].map(([, time]) => Number(time))
    const seen = new Map<string, number>()
    const { files, ...job } = parseXunit(text, UTC)
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
          ...splitAvocadoTag(count === 1 ? name : `${name}#${count}`),
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
    const texts = files?.map(({ path, content }) => [path, new TextDecoder().decode(content)]) ?? []
    const written = [...text.matchAll(/<(system-out|failure|error) ?.*?>(?:<!\[CDATA\[(.*?)\]\]>)?<\//gs)]
    const outputs = written.flatMap(([, name, text = '']) =>
      text.trim() === '' || text === '<unknown>' ? [] : [[name === 'system-out' ? name : 'traceback', text]],
    )
    expect(texts).toEqual(outputs)
  })
})

test('a name that is not whole gets its class in front', () => {
  const content = `
    <testcase classname="tests.test_disk.TestDisk" name="test_read"/>
    <testcase classname="FailTest" name="failtest.py:FailTest.test"/>
    <testcase classname="&lt;unknown&gt;" name="/bin/true"/>
    <testcase classname="parse" name="parse"/>
    <testcase classname="a.B" name="a.B.c"/>
    <testcase classname="finds" name="Array finds"/>
    <testcase classname="q" name="q[a;b]"/>
    <testcase name="3-way merge"/>`
  expect(outcomes(content).map(([tag]) => tag)).toEqual([
    'tests.test_disk.TestDisk.test_read',
    'failtest.py:FailTest.test',
    '/bin/true',
    'parse',
    'a.B.c',
    'Array finds',
    'q.q[a;b]',
    '3-way merge',
  ])
})

const parts = (text: string) =>
  parseXunit(text, UTC).tests.map(({ tag, prefix, suite, variant }) => [tag, prefix, suite, variant])

test('only of Avocado a number in front and a ; within are no part of the name', () => {
  const tests =
    '<testcase classname="C" name="1-a.py:A.b;run-1"/><testcase classname="C" name="2-/bin/true"/>'
  expect(parts(`<testsuite name="job-2026-11-29T21.05-b5abc25" tests="2">${tests}</testsuite>`)).toEqual([
    ['1-a.py:A.b;run-1', '1-', '', 'run-1'],
    ['2-/bin/true', '2-', '', null],
  ])
  expect(parts(`<testsuite name="nightly">${tests}</testsuite>`)).toEqual([
    ['C.1-a.py:A.b;run-1', '', 'nightly', null],
    ['C.2-/bin/true', '', 'nightly', null],
  ])
  const unnumbered = '<testcase name="3-way merge;v"/><testcase name="1-a"/>'
  expect(parts(`<testsuite name="job-2026-11-29T21.05-b5abc25" tests="2">${unnumbered}</testsuite>`)).toEqual(
    [
      ['3-way merge;v', '', '', 'v'],
      ['1-a', '', '', null],
    ],
  )
})

test('tests of one name are numbered', () => {
  expect(
    outcomes('<testcase name="a"/><testcase name="a"/><testcase name="a"/>').map(([tag]) => tag),
  ).toEqual(['a', 'a#2', 'a#3'])
})

test('one file is one job: its suites are told by its tests, and by tags where two have a test of one name', () => {
  const text = `<?xml version="1.0"?>
    <testsuites name="nightly">
      <testcase name="lonely"/>
      <testsuite name="a"><testcase name="same"/><testcase name="x"/>
        <testsuite name="inner"><testcase name="same"/></testsuite>
      </testsuite>
      <testsuites name="more"><testsuite name="b"><testcase name="same"/><testcase name="same"/></testsuite></testsuites>
      <testsuite><testcase name="y"/></testsuite>
    </testsuites>`
  expect(parseXunit(text, UTC).description).toBe('nightly')
  expect(parts(text)).toEqual([
    ['lonely', '', '', null],
    ['a: same', 'a: ', 'a', null],
    ['x', '', 'a', null],
    ['a > inner: same', 'a > inner: ', 'a > inner', null],
    ['more > b: same', 'more > b: ', 'more > b', null],
    ['more > b: same#2', 'more > b: ', 'more > b', null],
    ['y', '', '', null],
  ])
})

test('the only suite names the job where nothing else does, and then not the suites in it', () => {
  const phpunit =
    '<testsuites><testsuite name="unit"><testcase name="z"/><testsuite name="ATest"><testcase name="a"/></testsuite></testsuite></testsuites>'
  expect([parseXunit(phpunit, UTC).description, parts(phpunit)]).toEqual([
    'unit',
    [
      ['z', '', 'unit', null],
      ['a', '', 'ATest', null],
    ],
  ])
  const two = '<testsuites><testsuite name="a"/><testsuite name="b"/></testsuites>'
  expect(parseXunit(two, UTC).description).toBe(null)
  const named =
    '<testsuites name="jest tests"><testsuite name="math"><testcase name="adds"/></testsuite></testsuites>'
  expect([parseXunit(named, UTC).description, parts(named)]).toEqual([
    'jest tests',
    [['adds', '', 'math', null]],
  ])
})

test('what went wrong in a suite outside its tests is a test', () => {
  const text =
    '<testsuites><testsuite name="db"><error message="no server"/><testcase name="a"/></testsuite></testsuites>'
  const { tests } = parseXunit(text, UTC)
  expect(tests.map(({ tag, status, failReason }) => [tag, status, failReason])).toEqual([
    ['a', status('PASS'), null],
    ['db', status('ERROR'), 'no server'],
  ])
})

const bomb = `<!DOCTYPE t [<!ENTITY e0 "aaaaaaaaaa">${Array.from(
  { length: 12 },
  (_, index) => `<!ENTITY e${index + 1} "${`&e${index};`.repeat(10)}">`,
).join('')}]><testsuite name="&e12;"/>`

test.each([
  ['this is not XML: XML Parse error: XML document must have a root element.', ''],
  ["this is not XML: XML Parse error: Duplicate attribute 'a'.", '<testsuite a="1" a="2"/>'],
  ['this is not XML: XML Parse error: Entity expansion exceeds the amplification limit.', bomb],
  [
    'its elements are nested more than 10000 levels deep.',
    '<testsuite>'.repeat(300_000) + '</testsuite>'.repeat(300_000),
  ],
  ['the root is <html>, not <testsuite> or <testsuites>.', '<html/>'],
  ['there is no <testsuite> in it, but <x>.', '<testsuites><x/></testsuites>'],
])('refused with %s', (sentence, text) => {
  expect(refusal(() => parseXunit(text, UTC))).toBe(`The xUnit file: ${sentence}`)
})

test.each([
  ['test-run', 'of NUnit 3'],
  ['TestRun', 'a TRX of Visual Studio'],
  ['robot', 'the output.xml of Robot Framework'],
])('<%s> is refused by its name', (root, name) => {
  expect(refusal(() => parseXunit(`<${root}/>`, UTC))).toBe(
    `The xUnit file: the root is <${root}>, not <testsuite> or <testsuites>: it is ${name}, and has to be converted to JUnit's XML.`,
  )
})

test('files of other machines are not read', () => {
  const text =
    '<!DOCTYPE t [<!ENTITY x SYSTEM "file:///etc/passwd">]><testsuite><testcase name="&x;"/></testsuite>'
  expect(refusal(() => parseXunit(text, UTC))).toStartWith('The xUnit file: this is not XML')
})

test('suites in suites, and many tests of one name, are no matter', () => {
  const deep = `${'<testsuite>'.repeat(5000)}<testcase name="a"/>${'</testsuite>'.repeat(5000)}`
  expect(parseXunit(deep, UTC).tests).toHaveLength(1)
  const wide = `<testsuites>${'<testsuite><testcase name="a"/></testsuite>'.repeat(20_000)}</testsuites>`
  expect(parseXunit(wide, UTC).tests.at(-1)?.tag).toBe('a#20000')
})

test('no text makes it throw anything but BadRequest', () => {
  const name = fc.constantFrom(
    'testsuite',
    'testsuites',
    'testcase',
    'failure',
    'error',
    'skipped',
    'x:y',
    'rerunFailure',
    'system-out',
    'properties',
    'property',
  )
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
        const { tests, files = [] } = parseXunit(text, UTC)
        const tags = new Set<string | undefined>(tests.map(({ tag }) => tag))
        expect(files.filter(({ tag }) => tag !== undefined && !tags.has(tag))).toEqual([])
        expect(new Set(tests.map(({ tag }) => tag)).size).toBe(tests.length)
        expect(tests.filter(({ tag, status }) => tag === '' || status === null)).toEqual([])
      })
    }),
    { numRuns: 500 },
  )
})
