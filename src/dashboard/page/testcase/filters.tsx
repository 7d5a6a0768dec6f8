// Which runs of a test case are shown: by host, branch, label and time. The address has the choice.

import { filterValue, useQuery } from '../address'
import type { TestHistory } from '../api'
import { ParameterChoice } from '../parts/parameter-choice'
import { SearchField } from '../parts/search-field'

/** In days; the API's own window is 90 days or 1,000 runs. */
const ranges: [days: string, label: string][] = [
  ['', '90 days'],
  ['7', '7 days'],
  ['30', '30 days'],
  ['365', 'A year'],
]

/** The parameters of the address that the answer depends on, besides the test. */
export const filterNames = ['host', 'branch', 'label', 'days'] as const

/** @param series  of all runs of the test, without filters. */
export function Filters({ series }: { series: TestHistory['series'] }) {
  const { query, hrefWith } = useQuery()
  /** The names in the runs, and the one that is chosen. */
  const options = (part: 'host' | 'branch') => {
    const names = series.flatMap((each) => (each[part] === null ? [] : filterValue(each[part])))
    return [...new Set([...names, ...(query[part] ? [query[part]] : [])])]
      .sort()
      .map((name) => [name, name] as const)
  }
  const branches = options('branch')
  const isFiltered = filterNames.some((name) => query[name])
  return (
    <div class="filters testcase-filters">
      <ParameterChoice parameter="host" label="Host" options={[['', 'All hosts'], ...options('host')]} />
      {branches.length > 0 && (
        <ParameterChoice parameter="branch" label="Branch" options={[['', 'All branches'], ...branches]} />
      )}
      <SearchField parameter="label" label="Label, as key:value" />
      <ParameterChoice parameter="days" label="Time" options={ranges} />
      {isFiltered && (
        <a
          class="button"
          href={hrefWith({ host: undefined, branch: undefined, label: undefined, days: undefined })}
        >
          Clear
        </a>
      )}
    </div>
  )
}
