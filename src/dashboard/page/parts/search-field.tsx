// A field to search with. What is typed goes into the address when the typing pauses.

import { useEffect, useState } from 'preact/hooks'
import { useQuery } from '../address'
import { SearchIcon } from './icons'

const PAUSE_MS = 250

interface Props {
  /** The parameter of the address. */
  parameter: string
  label: string
}

export function SearchField({ parameter, label }: Props) {
  const { query, change } = useQuery()
  const inAddress = query[parameter] ?? ''
  const [text, setText] = useState(inAddress)
  useEffect(() => setText(inAddress), [inAddress])
  useEffect(() => {
    if (text === inAddress) return
    const timer = setTimeout(
      () => change({ [parameter]: text, page: undefined }, { replace: true }),
      PAUSE_MS,
    )
    return () => clearTimeout(timer)
  }, [text])
  return (
    <span class="search">
      <SearchIcon />
      <input
        type="search"
        value={text}
        placeholder={label}
        aria-label={label}
        onInput={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => event.key === 'Escape' && event.currentTarget.blur()}
      />
    </span>
  )
}
