// Recognizes JSON reports of other tools. Some of their fields have the same names as ours and would make an empty job,
// so the error names the tool and says what to send instead.

import { Invalid } from '../../lib/errors'

interface Tool {
  name: string
  /** The report that the tool can write and that the server reads. */
  instead: string
  /** Its JSON has all of these keys, at the top or one level below. */
  keys: string[]
  /** It also has at least one of these keys. */
  any?: string[]
}

const TOOLS: Tool[] = [
  {
    name: 'go test -json',
    instead: 'gotestsum --junitfile results.xml',
    keys: ['Action'],
    any: ['Package', 'ImportPath'],
  },
  { name: "Rust's libtest", instead: 'cargo nextest run with a JUnit profile', keys: ['type', 'event'] },
  {
    name: 'Dart and Flutter',
    instead: 'dart run junitreport:tojunit',
    keys: ['type', 'time'],
    any: ['suite', 'test', 'testID', 'group', 'count', 'success', 'runnerVersion'],
  },
  {
    name: 'Dart and Flutter',
    instead: 'dart run junitreport:tojunit',
    keys: ['protocolVersion', 'runnerVersion'],
  },
  {
    name: 'pytest-json-report',
    instead: 'pytest --junitxml=results.xml',
    keys: ['exitcode'],
    any: ['root', 'collectors', 'summary'],
  },
  { name: 'pytest-reportlog', instead: 'pytest --junitxml=results.xml', keys: ['$report_type'] },
  { name: 'CTRF', instead: 'the JUnit XML of the test framework', keys: ['reportFormat', 'specVersion'] },
  { name: 'CTRF', instead: 'the JUnit XML of the test framework', keys: ['results', 'tool', 'summary'] },
  {
    name: "Meson's testlog",
    instead: 'meson-logs/testlog.junit.xml',
    keys: ['name', 'result', 'returncode'],
    any: ['starttime', 'duration', 'command'],
  },
  { name: 'KUnit', instead: 'kunit.py run --raw_output', keys: ['sub_groups', 'test_cases'] },
  {
    name: "Bazel's build events",
    instead: 'the test.xml of each test in bazel-testlogs',
    keys: ['id', 'children'],
    any: ['started', 'progress', 'configured', 'finished', 'targetCompleted', 'testResult'],
  },
  { name: "Zephyr's Twister", instead: 'twister_report.xml', keys: ['environment', 'testsuites'] },
  { name: 'Newman', instead: 'newman run --reporters junit', keys: ['collection', 'run'] },
  { name: 'Karma', instead: 'karma-junit-reporter', keys: ['browsers', 'summary'] },
  {
    name: 'Swift Testing',
    instead: 'swift test --xunit-output results.xml',
    keys: ['kind', 'payload', 'version'],
  },
  {
    name: 'Allure',
    instead: 'the JUnit XML of the test framework',
    keys: ['uuid'],
    any: ['historyId', 'testCaseId', 'stage', 'children', 'befores', 'afters'],
  },
  {
    name: 'Playwright',
    instead: 'playwright test --reporter=junit',
    keys: ['config', 'suites'],
    any: ['stats', 'errors'],
  },
  {
    name: 'mochawesome',
    instead: 'mocha --reporter xunit',
    keys: ['stats', 'results'],
    any: ['passPercent', 'passes', 'meta'],
  },
  {
    name: 'mocha',
    instead: 'mocha --reporter xunit or tap',
    keys: ['stats', 'passes'],
    any: ['failures', 'pending', 'tests'],
  },
  { name: 'Jest and Vitest', instead: 'jest-junit, or vitest --reporter=junit', keys: ['numTotalTests'] },
  {
    name: 'Jest and Vitest',
    instead: 'jest-junit, or vitest --reporter=junit',
    keys: ['testResults', 'success'],
  },
  { name: 'Cucumber and behave', instead: '--format junit:results.xml', keys: ['elements', 'keyword'] },
  { name: 'Cucumber', instead: '--format junit:results.xml', keys: ['meta', 'protocolVersion'] },
  { name: 'Robot Framework', instead: 'robot --xunit results.xml', keys: ['generator', 'rpa'] },
  {
    name: 'Robot Framework',
    instead: 'robot --xunit results.xml',
    keys: ['generator', 'suite'],
    any: ['statistics', 'generated'],
  },
  {
    name: 'GoogleTest',
    instead: '--gtest_output=xml:results.xml',
    keys: ['testsuites'],
    any: ['disabled', 'failures'],
  },
  { name: 'RSpec', instead: 'RspecJunitFormatter', keys: ['examples', 'summary_line'] },
  {
    name: 'Ginkgo',
    instead: 'ginkgo --junit-report=results.xml',
    keys: ['SuitePath'],
    any: ['SpecReports', 'SuiteSucceeded'],
  },
  { name: 'Catch2', instead: '--reporter JUnit', keys: ['test-run'], any: ['metadata', 'version'] },
  { name: "LLVM's lit", instead: 'lit --xunit-xml-output=results.xml', keys: ['__version__', 'tests'] },
]

/** A key in JSON text. */
const KEY = /"([^"\\]{1,40})"\s*:/g

/** @throws Invalid for a job that another tool wrote. */
export function refuseForeign(value: unknown): void {
  const foreign = foreignReport(value)
  if (foreign) throw new Invalid({ non_field_errors: foreign })
}

/** @returns the sentence that refuses a value that another tool wrote; undefined for any other */
export function foreignReport(value: unknown): string | undefined {
  const top = Array.isArray(value) ? value[0] : value
  if (!isObject(top)) return undefined
  const keys = new Set(Object.keys(top))
  for (const inner of Object.values(top)) {
    const below = Array.isArray(inner) ? inner[0] : inner
    if (isObject(below)) for (const key of Object.keys(below)) keys.add(key)
  }
  return sentenceOf(keys)
}

/** As foreignReport(), for the start of a text, which need not be JSON. */
export function foreignReportIn(text: string): string | undefined {
  if (!/^\s*[{[]/.test(text)) return undefined
  return sentenceOf(new Set(Array.from(text.matchAll(KEY), ([, key = '']) => key)))
}

function sentenceOf(keys: ReadonlySet<string>): string | undefined {
  // Our own tests have `tag`, and Avocado's results.json has `job_id`.
  if (keys.has('tag') || keys.has('job_id')) return undefined
  const tool = TOOLS.find(
    (one) => one.keys.every((key) => keys.has(key)) && (one.any?.some((key) => keys.has(key)) ?? true),
  )
  return (
    tool &&
    `This is JSON of ${tool.name}, which is not read here. Send JUnit XML or TAP to /imports/ instead: ${tool.instead}.`
  )
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
