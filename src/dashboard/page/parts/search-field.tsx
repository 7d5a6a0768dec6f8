// A field to search with. What is typed goes into the address when the typing pauses.

import { useEffect, useRef, useState } from 'preact/hooks'
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
  const sent = useRef(inAddress)
  useEffect(() => {
    // What comes back from here may have been typed on since.
    if (inAddress !== sent.current) setText(inAddress)
    sent.current = inAddress
  }, [inAddress])
  useEffect(() => {
    if (text === inAddress) return
    const timer = setTimeout(() => {
      sent.current = text
      change({ [parameter]: text, page: undefined }, { replace: true })
    }, PAUSE_MS)
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
        onKeyDown={(event) => {
          if (event.key !== 'Escape') return
          // A browser would empty the field.
          event.preventDefault()
          event.currentTarget.blur()
        }}
      />
    </span>
  )
}
