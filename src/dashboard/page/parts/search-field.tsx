// A search field that writes its text into the address when the reader stops typing.

import { useQuery } from '../address'
import { useDebouncedText } from './debounced-text'
import { SearchIcon } from './icons'

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
      <SearchIcon />
      <input
        type="search"
        value={text}
        placeholder={label}
        aria-label={label}
        onInput={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Escape') return
          // By default, Escape would empty the field.
          event.preventDefault()
          event.currentTarget.blur()
        }}
      />
    </span>
  )
}
