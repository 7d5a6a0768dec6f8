// Adds the suite to the tags of tests whose names occur in several suites. Otherwise the suite is only a field.

import { SUITE_SEPARATOR } from '../../results/tests/model'
import type { TestReport } from '../model'
import type { FileReading } from './reading'

/** @param tests  whose tags do not contain suites yet. */
export function addSuitesToTags(tests: TestReport[], reading: FileReading): TestReport[] {
  const suites = new Map<string, string>()
  const shared = new Set<string>()
  for (const { tag, suite } of tests) {
    const known = suites.get(tag) ?? suite
    if (known !== suite) shared.add(tag)
    suites.set(tag, known)
  }
  if (shared.size === 0) return tests
  return tests.map((test) => {
    if (test.suite === '' || !shared.has(test.tag)) return test
    const prefix = `${test.suite}${SUITE_SEPARATOR}${test.prefix}`
    const tag = reading.tag(`${test.suite}${SUITE_SEPARATOR}${test.tag}`)
    // A tag that was cut cannot be split into its parts.
    return tag.endsWith(test.tag) ? { ...test, tag, prefix } : { ...test, tag, prefix: '', variant: null }
  })
}
