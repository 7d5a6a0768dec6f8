// A search field that writes its text into the address when the reader stops typing.

import { useQuery } from '../address'
import { useDebouncedText } from './debounced-text'
import { SearchInput } from './search-input'

interface Props {
  /** The parameter of the address. */
  parameter: string
  label: string
}

export function SearchField({ parameter, label }: Props) {
  const { query, change } = useQuery()
  const { text, setText } = useDebouncedText(query[parameter] ?? '', (value) =>
    change({ [parameter]: value, page: undefined }, { replace: true }),
  )
  return (
    <span class="search">
      <SearchInput text={text} setText={setText} placeholder={label} label={label} />
    </span>
  )
}
