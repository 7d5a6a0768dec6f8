// The names of series: by what tells them apart.

import type { HistorySeries } from '../api'

type Named = Pick<HistorySeries, 'testcase' | 'host' | 'branch' | 'distro'>

/** The host of a series, or a word for an unknown one. */
export function hostText(host: string | null | undefined): string {
  return host ?? 'unknown host'
}

/**
 * What to call series: by host and branch, and by distribution and test case only where those differ.
 *
 * @returns a function from a series to its name and what stands below it.
 */
export function namesOf(series: readonly Named[]): (one: Named) => { name: string; rest: string[] } {
  const differ = (part: 'testcase' | 'branch') => new Set(series.map((each) => each[part])).size > 1
  const hasBranches = series.some(({ branch }) => branch !== null)
  const isSeveral = differ('testcase')
  const distros = Map.groupBy(series, ({ testcase, host, branch }) =>
    JSON.stringify([testcase, host, branch]),
  )
  return ({ testcase, host, branch, distro }) => {
    const alike = distros.get(JSON.stringify([testcase, host, branch])) ?? []
    const variant = testcase.includes(';') ? testcase.slice(testcase.indexOf(';') + 1) : 'no variant'
    return {
      name: hostText(host),
      rest: [
        ...(hasBranches ? [branch ?? 'no branch'] : []),
        ...(alike.length > 1 ? [distro ?? 'unknown distribution'] : []),
        ...(isSeveral ? [variant] : []),
      ],
    }
  }
}

/** A series in one line: `rack7, main`. */
export function seriesText({ name, rest }: { name: string; rest: string[] }): string {
  return [name, ...rest].join(', ')
}
