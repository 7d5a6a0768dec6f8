// Which runs of a test case are shown: by host, branch, label and time. The address has the choice.

import { useQuery } from '../address'
import type { TestHistory } from '../api'
import { useDebouncedText } from '../parts/debounced-text'

/** In days; the API's own window is 90 days or 1,000 runs. */
const ranges: Record<string, string> = {
  '': '90 days',
  '7': '7 days',
  '30': '30 days',
  '365': 'A year',
}

/** The parameters of the address that the answer depends on, besides the test. */
export const filterNames = ['host', 'branch', 'label', 'days'] as const

/** @param series  of all runs of the test, without filters. */
export function Filters({ series }: { series: TestHistory['series'] }) {
  const { query, hrefWith } = useQuery()
  const named = (part: 'host' | 'branch') => [
    ...new Set([...series.flatMap((each) => each[part] ?? []), ...(query[part] ? [query[part]] : [])]),
  ]
  const isFiltered = filterNames.some((name) => query[name])
  return (
    <div class="filters">
      <Choice parameter="host" label="Host" any="All hosts" values={named('host').sort()} />
      {named('branch').length > 0 && (
        <Choice parameter="branch" label="Branch" any="All branches" values={named('branch').sort()} />
      )}
      <LabelField />
      <Choice
        parameter="days"
        label="Time"
        any={ranges[''] ?? ''}
        values={Object.keys(ranges)}
        names={ranges}
      />
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

interface ChoiceProps {
  parameter: string
  label: string
  /** Shown where nothing is chosen. */
  any: string
  values: string[]
  names?: Record<string, string>
}

function Choice({ parameter, label, any, values, names = {} }: ChoiceProps) {
  const { query, change } = useQuery()
  return (
    <select
      aria-label={label}
      value={query[parameter] ?? ''}
      onChange={(event) => change({ [parameter]: event.currentTarget.value })}
    >
      <option value="">{any}</option>
      {values
        .filter((value) => value !== '')
        .map((value) => (
          <option key={value} value={value}>
            {names[value] ?? value}
          </option>
        ))}
    </select>
  )
}

function LabelField() {
  const { query, change } = useQuery()
  const { text, setText } = useDebouncedText(query.label ?? '', (label) =>
    change({ label }, { replace: true }),
  )
  return (
    <input
      type="search"
      class="label-field"
      value={text}
      aria-label="Label, as key:value"
      placeholder="Label, as key:value"
      onInput={(event) => setText(event.currentTarget.value)}
    />
  )
}
