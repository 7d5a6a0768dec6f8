// The head of a column by which a list can be sorted: a link to the same list in that order.

import { useQuery } from '../address'
import { ArrowIcon } from './icons'

interface Props {
  /** As the API's `ordering` names it. */
  field: string
  label: string
  /** The order in force. */
  ordering: string
  /** What most people want first: the newest, the longest, the worst. */
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
