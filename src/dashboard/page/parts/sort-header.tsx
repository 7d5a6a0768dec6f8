// The header of a sortable column: a link to the same list in the order of that column.

import { useQuery } from '../address'
import { ArrowIcon } from './icons'

interface Props {
  /** The name of the field in the API's `ordering`. */
  field: string
  label: string
  /** The current order. */
  ordering: string
  /** Sorts in descending order at the first click: the newest, the longest, the worst first. */
  descendingFirst?: boolean
  class?: string
}

export function SortHeader({ field, label, ordering, descendingFirst = false, class: names }: Props) {
  const { hrefWith } = useQuery()
  const [first, second] = descendingFirst ? [`-${field}`, field] : [field, `-${field}`]
  const descending = ordering === `-${field}`
  const isChosen = descending || ordering === field
  return (
    <th
      scope="col"
      class={names}
      aria-sort={isChosen ? (descending ? 'descending' : 'ascending') : undefined}
    >
      <a href={hrefWith({ ordering: ordering === first ? second : first, page: undefined })}>
        {label}
        {isChosen && <ArrowIcon direction={descending ? 'down' : 'up'} />}
      </a>
    </th>
  )
}
