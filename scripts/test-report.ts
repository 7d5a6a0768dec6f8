// What `bun test` reports, in JUnit's XML, and what is told of it at the end.

export interface TestCase {
  file: string
  /** With the names of the groups that it is in. */
  name: string
  outcome: 'passed' | 'failed' | 'skipped'
}

const ENTITIES: Record<string, string> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' }

const textOf = (value = '') => value.replace(/&(\w+);/g, (whole, name: string) => ENTITIES[name] ?? whole)

/** Reads by pattern, and not by a parser: names of tests may hold what XML forbids. */
export function readReport(xml: string): TestCase[] {
  const cases = xml.matchAll(/<testcase ([^>]*?)(?:\/>|>(.*?)<\/testcase>)/gs)
  return [...cases].map(([, attributes = '', content = '']) => {
    const attribute = (name: string) => textOf(new RegExp(`\\b${name}="([^"]*)"`).exec(attributes)?.[1])
    const outcome = /<(failure|error)\b/.test(content)
      ? 'failed'
      : content.includes('<skipped')
        ? 'skipped'
        : 'passed'
    return {
      file: attribute('file'),
      name: [attribute('classname'), attribute('name')].filter((part) => part !== '').join(' > '),
      outcome,
    }
  })
}

/**
 * @param exitCode  of `bun test`
 * @param files  those that must have reported a test
 * @param again  those that passed only when they were run again, alone
 */
export function summarize(cases: TestCase[], exitCode: number, files: string[] = [], again: string[] = []) {
  const lines = (outcome: TestCase['outcome']) =>
    cases.filter((one) => one.outcome === outcome).map(({ file, name }) => `${file}: ${name}`)
  const reported = new Set(cases.map(({ file }) => file))
  const silent = files.filter((file) => !reported.has(file)).map((file) => `${file} reported no test`)
  const [failed, skipped] = [[...lines('failed'), ...silent], lines('skipped')]
  const passed = lines('passed').length
  if (failed.length === 0 && exitCode !== 0) failed.push(`bun test ended with ${exitCode}`)
  if (failed.length === 0 && passed === 0) failed.push('no test was run')
  const list = (title: string, lines: string[]) =>
    lines.length > 0 ? `${title}:\n${lines.map((line) => `  ${line}\n`).join('')}\n` : ''
  return {
    text: `\n${list('Skipped', skipped)}${list('Failed at first, and passed alone', again)}${list('Failed', failed)}${passed} passed, ${failed.length} failed, ${skipped.length} skipped`,
    exitCode: failed.length > 0 ? 1 : 0,
  }
}
