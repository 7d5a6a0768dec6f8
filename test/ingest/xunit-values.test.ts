// JUnit's XML, value by value: how a test ended and why, how long it took and when, what belongs to it, what is left out.

import { expect, test } from 'bun:test'
import { formatTime } from '../../src/lib/time'
import { findTestStatus } from '../../src/results/statuses/model'
import { parseXunit } from './at-once'

const status = (word: string) => findTestStatus(word) ?? null
const UTC = { zone: 'UTC' }
const suite = (content: string, attributes = 'name="s"') =>
  parseXunit(`<testsuite ${attributes}>${content}</testsuite>`, UTC)
const text = (content: Uint8Array) => new TextDecoder().decode(content)

function outcome(content: string, attributes = '') {
  const [test] = suite(`<testcase name="t" ${attributes}>${content}</testcase>`).tests
  return [test?.status ?? null, test?.failReason]
}

const elapsedOf = (xml: string) => parseXunit(xml, UTC).tests.map(({ elapsed }) => elapsed)
const times = (...values: string[]) =>
  values.map((time, index) => `<testcase name="t${index}" time="${time}"/>`).join('')

test.each([
  ['', 'PASS', null],
  ['<failure message="one &lt; two">traceback</failure>', 'FAIL', 'one < two\ntraceback'],
  ['<error><![CDATA[ it <broke> ]]></error><system-out>noise</system-out>', 'ERROR', 'it <broke>'],
  ['<skipped message="no disk"/>', 'SKIP', 'no disk'],
  ['<skipped type="pytest.xfail" message="bug 7"/>', 'SKIP', 'pytest.xfail: bug 7'],
  ['<failure message="&lt;unknown&gt;"/><error/>', 'ERROR', null],
  ['<failure type="AssertionError"/>', 'FAIL', 'AssertionError'],
  ['<failure type="failure" message="m"/>', 'FAIL', 'm'],
  ['<failure type="E" message="m">\n  E: m\n    at x\n</failure>', 'FAIL', 'E: m\n    at x'],
  ['<failure message="a&#10;b">a\n b\n c</failure>', 'FAIL', 'a\n b\n c'],
  [
    '<failure message="one"/><failure message="two"/><error message="three"/>',
    'ERROR',
    'one\n\ntwo\n\nthree',
  ],
  [
    '<failure message="one"/><rerunFailure type="E" message="two"><stackTrace>at x</stackTrace></rerunFailure>',
    'FAIL',
    'one\n\nrerunFailure: E: two\nat x',
  ],
  ['<flakyFailure message="late"/><flakyError/>', 'PASS', 'flakyFailure: late\n\nflakyError'],
  ['<skipped/><failure message="m"/>', 'FAIL', 'm'],
  ['<warning message="deprecated"/>', 'WARN', 'deprecated'],
  ['<x:failure xmlns:x="y" message="m"/>', 'FAIL', 'm'],
  ['<!-- message="no &quot;net&quot; &#x2D; &lt;1" type="skip" -->', 'PASS', 'no "net" - <1'],
])('%s is %s: %s', (content, word, reason) => {
  expect(outcome(content)).toEqual([status(word), reason])
})

test.each([
  ...[
    'disabled',
    'skipped',
    'Skipped',
    'SKIP',
    'ignored',
    'notrun',
    'not run',
    'NotRun',
    'not_run',
    'pending',
  ].map((word) => [`status="${word}"`, 'SKIP']),
  ...['skipped', 'suppressed', 'Suppressed', 'SKIP'].map((word) => [`status="run" result="${word}"`, 'SKIP']),
  ...['failed', 'FAIL', 'Failure', 'xpass'].map((word) => [`status="${word}"`, 'FAIL']),
  ...['error', 'ERROR', 'crashed', 'timeout', 'timed out'].map((word) => [`result="${word}"`, 'ERROR']),
  ...['pass', 'Passed', 'run', 'completed', 'enabled', 'success', 'OK', ''].map((word) => [
    `status="${word}"`,
    'PASS',
  ]),
  ['result="xfail"', 'WARN'],
  ['status="cancelled"', 'CANCEL'],
  ['executed="False"', 'SKIP'],
  ['skipped="true"', 'SKIP'],
])('without a child, %s is %s', (attributes, word) => {
  expect(outcome('', attributes)).toEqual([status(word as string), null])
})

test('a word that nobody knows says nothing, and is told', () => {
  const { tests, warnings } = suite(
    '<testcase name="a" status="purple"/><testcase name="b" status="purple"><failure/></testcase>',
  )
  expect(tests.map(({ status }) => status)).toEqual([status('PASS'), status('FAIL')])
  expect(warnings).toEqual([
    'The xUnit file: 2 values of status are not understood and counted as unknown (test 1: "purple").',
  ])
})

test.each([
  'NaN',
  '-0.004',
  '1.5s',
  '20 ms',
  '0:00:01.5',
  '00:01',
  'n/a',
  '-',
  'Infinity',
  '1e400',
  '1.2.3',
  '0x10',
  '&lt;time>1',
])('time="%s" is unknown, and refuses nothing', (time) => {
  const { tests, warnings } = suite(times(time, '2', time), `name="s" time="${time}"`)
  expect(tests.map(({ elapsed }) => elapsed)).toEqual([null, 2, null])
  expect(warnings).toHaveLength(1)
  expect(warnings[0]).toStartWith('The xUnit file: 3 values of time are not understood')
})

test.each([
  ['English', ['1,024.12', '14,029.255', '1,515,069.5', '1,000'], [1024.12, 14029.255, 1515069.5, 1000]],
  ['German', ['0,03', '12,5', '1,234', '1.024,12'], [0.03, 12.5, 1.234, 1024.12]],
  ['French', ['1 024,5', '1\u202f024,5', '0,5'], [1024.5, 1024.5, 0.5]],
  ['Swiss', ["1'024.5", '1’024'], [1024.5, 1024]],
  ['plain', ['.5', '5.', '1e-3', '1.5E2', ' 7 '], [0.5, 5, 0.001, 150, 7]],
  ['no doubt', ['0,034', '12345,678', '12,5', ',5', '3,1428'], [0.034, 12345.678, 12.5, 0.5, 3.1428]],
  ['in doubt', ['1,234'], [1234]],
  ['beside a decimal point', ['1,234', '0.5'], [1234, 0.5]],
])('%s numbers', (_, values, seconds) => {
  expect(elapsedOf(`<testsuite>${times(...values)}</testsuite>`)).toEqual(seconds)
})

test.each([
  ['seconds', 'time="3.734"', ['1,234', '2,500'], [1.234, 2.5]],
  ['thousands', 'time="3734.000"', ['1,234', '2,500'], [1234, 2500]],
  ['seconds, as their suite', 'time="6,300"', ['1,500', '4,800', '0'], [1500, 4800, 0]],
  ['seconds beside another comma', 'time="6,800"', ['1,500', '4,800', '0,5'], [1.5, 4.8, 0.5]],
])('1,234 is %s where the sum says so', (_, attributes, values, seconds) => {
  expect(elapsedOf(`<testsuite ${attributes}>${times(...values)}</testsuite>`)).toEqual(seconds)
})

test.each([
  ['the whole says it', '<testsuites time="9"><testsuite time="1"/><testsuite time="2"/></testsuites>', 9],
  ['its suites do', '<testsuites><testsuite time="1"/><testsuite time="2.5"/></testsuites>', 3.5],
  [
    'its only suite does',
    '<testsuites><testsuite time="1.5"><testcase name="a" time="1"/></testsuite></testsuites>',
    1.5,
  ],
  [
    'its tests do',
    '<testsuite><testcase name="a" time="0.1"/><testcase name="b" time="0.2"/></testsuite>',
    0.3,
  ],
  ['its suite says 0', '<testsuite time="0"><testcase name="a" time="0.1"/></testsuite>', 0.1],
  ['nothing does', '<testsuite><testcase name="a"/></testsuite>', null],
])('how long the job took: %s', (_, xml, seconds) => {
  expect(parseXunit(xml, UTC).elapsed).toBe(seconds)
})

test.each([
  ['2024-03-05T10:00:00Z', '2024-03-05T10:00:00Z'],
  ['2024-03-05T12:00:00.25+02:00', '2024-03-05T10:00:00.250000Z'],
  ['2024-03-05T10:00:00.123456789Z', '2024-03-05T10:00:00.123456Z'],
  ['2024-03-05 10:00:00,5', '2024-03-05T10:00:00.500000Z'],
  ['2024-03-05 10:00:00 UTC', '2024-03-05T10:00:00Z'],
  ['2024-03-05T10:00:00 +0100', '2024-03-05T09:00:00Z'],
  ['2024-03-05T11:00:00+01:00[Europe/Berlin]', '2024-03-05T10:00:00Z'],
  ['2024/03/05 10:00:00', '2024-03-05T10:00:00Z'],
  ['1709632800', '2024-03-05T10:00:00Z'],
  ['1709632800.5', '2024-03-05T10:00:00.500000Z'],
  ['1709632800000', '2024-03-05T10:00:00Z'],
  ['Tue, 05 Mar 2024 10:00:00 GMT', '2024-03-05T10:00:00Z'],
  ['yesterday', null],
  ['T10:31:55', null],
  ['2024-02-30T10:00:00Z', null],
])('the timestamp %s is %s', (given, time) => {
  const { tests, warnings } = suite(`<testcase name="t" timestamp="${given}"/>`)
  const started = tests[0]?.started ?? null
  expect(started === null ? null : formatTime(started)).toBe(time)
  expect(warnings).toHaveLength(time === null ? 1 : 0)
})

test('the zero of a clock is no time, and nothing to tell of', () => {
  const { tests, warnings } = suite(
    '<testcase name="t" status="notrun" timestamp="1970-01-01T01:00:00.000"/>',
  )
  expect([tests[0]?.started, warnings]).toEqual([null, []])
})

test.each([
  ['the whole says it', 'timestamp="2024-03-01T00:00:00Z"', '2024-03-01T00:00:00Z'],
  ['else its first suite does', '', '2024-03-02T00:00:00Z'],
])('when the job began: %s', (_, attributes, time) => {
  const job = parseXunit(
    `<testsuites ${attributes}><testsuite name="b" timestamp="2024-03-03T00:00:00Z"/><testsuite name="a" timestamp="2024-03-02T00:00:00Z"/></testsuites>`,
    UTC,
  )
  expect(formatTime(job.time ?? 0)).toBe(time)
  expect(job.activities.map(({ activity, time }) => [activity, formatTime(time)])).toEqual([
    ['suite b started', '2024-03-03T00:00:00Z'],
    ['suite a started', '2024-03-02T00:00:00Z'],
  ])
})

test('when the job began: else its first test does', () => {
  const { time } = suite(
    '<testcase name="a" timestamp="2024-03-05T10:00:01Z"/><testcase name="b" timestamp="2024-03-05T10:00:00Z"/>',
  )
  expect(formatTime(time ?? 0)).toBe('2024-03-05T10:00:00Z')
})

test('names that are empty are unknown: the class or the place is one', () => {
  const { tests, warnings } = suite(
    '<testcase classname="c" name=""/><testcase classname="c"/><testcase/><testcase name=" "/>',
  )
  expect(tests.map(({ tag }) => tag)).toEqual(['c', 'c#2', 'test 3', 'test 4'])
  expect(warnings[0]).toBe(
    'The xUnit file: 4 values of name are not understood and counted as unknown (test 1: "").',
  )
})

test('outputs of a test, of its tries and of suites are files', () => {
  const job = parseXunit(
    `<testsuites><system-out>whole</system-out>
      <testsuite name="a/b"><testcase name="t">
        <system-out>one</system-out><system-out>two</system-out><system-err><![CDATA[<err>]]></system-err>
        <failure message="m">trace<system-out>inner</system-out></failure>
        <rerunFailure><stackTrace>x</stackTrace><system-err>again</system-err></rerunFailure>
        <!-- message="debugged" type="qdebug" -->
        </testcase><system-out>suite a</system-out></testsuite>
      <testsuite name="c"><testcase name="u"><system-out> </system-out>free text</testcase><system-err>suite c</system-err></testsuite>
    </testsuites>`,
    UTC,
  )
  expect(job.files?.map(({ tag, path, content }) => [tag, path, text(content)])).toEqual([
    [undefined, 'system-out', 'whole'],
    [undefined, 'a_b/system-out', 'suite a'],
    [undefined, 'c/system-err', 'suite c'],
    ['t', 'system-out', 'one'],
    ['t', 'system-out-2', 'two'],
    ['t', 'system-err', '<err>'],
    ['t', 'failure/system-out', 'inner'],
    ['t', 'rerunFailure/system-err', 'again'],
    ['t', 'messages', 'qdebug: debugged\n'],
    ['u', 'text', 'free text'],
  ])
  expect(job.tests.map(({ failReason }) => failReason)).toEqual(['m\ntrace\n\nrerunFailure: x', null])
  expect(job.warnings).toEqual([])
})

test('the outputs of suites of one name are files of their own', () => {
  const names = ['a', 'a', 'a-2', 'a', '..', '']
  const suites = names.map(
    (name, index) => `<testsuite name="${name}"><system-out>${index}</system-out></testsuite>`,
  )
  const { files } = parseXunit(`<testsuites>${suites.join('')}</testsuites>`, UTC)
  expect(files?.map(({ path, content }) => [path, text(content)])).toEqual([
    ['a/system-out', '0'],
    ['a-2/system-out', '1'],
    ['a-2-2/system-out', '2'],
    ['a-3/system-out', '3'],
    ['_/system-out', '4'],
    ['suite 6/system-out', '5'],
  ])
})

test('properties and other attributes are data of the test and of the job', () => {
  const job = parseXunit(
    `<testsuites id="7"><properties><property name="os" value="linux"/></properties>
      <testsuite name="a" hostname="h" package="p"><properties><property name="seed" value="1"/><property name="os" value="linux"/></properties>
        <testcase name="t" file="t.py" line="3" classname=""><properties>
          <property name="k" value="v"/><property name="k" value="w"/><property name="k" value="v"/><property name="long">text</property><property/>
        </properties></testcase></testsuite>
      <testsuite name="b" hostname="h"><properties><property name="seed" value="2"/></properties></testsuite>
    </testsuites>`,
    UTC,
  )
  const shown = (data: typeof job.data) => data.map(({ category, key, value }) => [category, key, value])
  expect(shown(job.data)).toEqual([
    ['attributes', 'id', '7'],
    ['properties', 'os', 'linux'],
    ['attributes', 'hostname', 'h'],
    ['attributes', 'package', 'p'],
    ['properties', 'seed', '1'],
    ['properties of b', 'seed', '2'],
  ])
  expect(shown(job.tests[0]?.data ?? [])).toEqual([
    ['properties', 'k', 'v'],
    ['properties', 'k#2', 'w'],
    ['properties', 'long', 'text'],
    ['properties', '(no name)', ''],
    ['attributes', 'file', 't.py'],
    ['attributes', 'line', '3'],
  ])
})

test('what is left out is told, once for each kind', () => {
  const { warnings } = suite(
    `stray<testcase name="t"><extra>x</extra><failure message="m" file="a.c"/></testcase>
     <testcase name="u"><extra>x</extra></testcase><notes/>`,
  )
  expect(warnings).toEqual([
    'The xUnit file: <notes> in <testsuite> is not known here, and was left out.',
    'The xUnit file: text in <testsuite> is not known here, and was left out.',
    'The xUnit file: <extra> in <testcase> is not known here, and was left out (2 times).',
    'The xUnit file: "file" of <failure> is not known here, and was left out.',
  ])
  const many = Array.from({ length: 30 }, (_, index) => `<kind${index}/>`).join('')
  expect(suite(`${many}<testcase name="t"/>`).warnings).toHaveLength(21)
})

test('failures that are counted and not listed are told', () => {
  const told = (content: string, attributes: string) => suite(content, attributes).warnings
  const failed =
    '<testcase name="a"><failure message="1"/><failure message="2"/></testcase><testcase name="b" status="failed"/>'
  expect(told(failed, 'failures="3" errors="0"')).toEqual([])
  expect(told('<testcase name="a"/>', 'failures="1" errors="1"')).toEqual([
    'The xUnit file: 2 failures and errors are counted, 0 are listed.',
  ])
  expect(told('<testcase name="a"/>', 'failures="many" tests="-1"')).toEqual([
    'The xUnit file: a value of tests is not understood and counted as unknown (<testsuite>: "-1").',
    'The xUnit file: a value of failures is not understood and counted as unknown (<testsuite>: "many").',
  ])
})

test('a suite that counts more than it lists is told, and is no run that was cut off', () => {
  const job = suite('<testcase name="a"/>', 'name="catch" tests="13"')
  expect([job.notStarted, job.warnings]).toEqual([
    null,
    ['The xUnit file: 13 tests are counted, 1 are listed.'],
  ])
  const avocado = suite('<testcase name="a"/>', 'name="job-2026-11-29T21.05-b5abc25" tests="3"')
  expect([avocado.notStarted, avocado.warnings]).toEqual([2, []])
})
