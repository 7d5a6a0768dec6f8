// What is known about a test case, in a sentence or two.

import type { RegressionItem, TestHistory } from '../api'
import { formatCount, formatCounted, formatRate, formatTemplate } from '../format'
import { hostText } from '../strips/names'

type Series = TestHistory['series'][number]

/** `2 of 8 hosts`, `rack7` */
export function whereText(some: readonly Series[], all: readonly Series[]): string {
  const hosts = (series: readonly Series[]) => new Set(series.map(({ host }) => host))
  const [failing, total] = [hosts(some), hosts(all)]
  const [only] = failing
  if (failing.size === 1 && only !== undefined)
    return total.size === 1 ? hostText(only) : `${hostText(only)} of ${formatCount(total.size)} hosts`
  return failing.size === total.size
    ? `all ${formatCount(total.size)} hosts`
    : `${formatCount(failing.size)} of ${formatCount(total.size)} hosts`
}

/** The earliest run that began what fails now: of a regression that is open, else of the streaks. */
export function failingSince(
  failing: readonly Series[],
  regressions: readonly RegressionItem[],
): { job: string; time: string } | undefined {
  const open = regressions.flatMap(({ state, first_bad }) => (state === 'open' && first_bad ? first_bad : []))
  const all = open.length > 0 ? open : failing.map(({ since }) => since)
  return all.toSorted((one, other) => Date.parse(one.time) - Date.parse(other.time))[0]
}

/** Whether it fails now and then without a reason: `Not flaky: 1 flake in 349 runs.` */
export function flakinessText({ testcases }: Pick<TestHistory, 'testcases'>): string {
  const flaky = testcases.filter(({ flaky }) => flaky)
  const [only] = testcases
  if (testcases.length > 1) {
    if (flaky.length === 0) return `None of its ${formatCount(testcases.length)} variants is flaky.`
    if (flaky.length === testcases.length)
      return `All of its ${formatCount(testcases.length)} variants are flaky.`
    return `${formatCount(flaky.length)} of its ${formatCount(testcases.length)} variants ${flaky.length === 1 ? 'is' : 'are'} flaky.`
  }
  if (!only) return ''
  const { streaks } = only
  if (only.flaky) return `Flaky: while it works it fails in ${formatRate(only)}.`
  const count = Math.round(streaks.flakes)
  const flakes = count === 0 ? 'no flake' : formatCounted(count, 'flake')
  return streaks.runs === 0 ? '' : `Not flaky: ${flakes} in ${formatCounted(streaks.runs, 'run')}.`
}

/** The template of failures in words. */
export function reasonText(template: string | null): string {
  return template === null ? 'no reason was reported' : formatTemplate(template)
}
