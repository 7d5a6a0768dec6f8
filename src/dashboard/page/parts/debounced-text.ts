// The text of a search field, which goes into the address when the reader stops typing.

import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'

const DEBOUNCE_MS = 200

export interface DebouncedText {
  text: string
  setText: (text: string) => void
  /** Writes the text into the address at once. @returns whether the address did not have it yet. */
  flush: () => boolean
}

/** @param change  writes a text into the address. */
export function useDebouncedText(inAddress: string, change: (text: string) => void): DebouncedText {
  const [text, setText] = useState(inAddress)
  const sent = useRef(inAddress)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  useLayoutEffect(() => {
    // If the field wrote this text itself, the reader may have typed more since, which must stay.
    if (inAddress === sent.current) return
    clearTimeout(timer.current)
    sent.current = inAddress
    setText(inAddress)
  }, [inAddress])
  useEffect(() => () => clearTimeout(timer.current), [])

  const apply = (value: string) => {
    clearTimeout(timer.current)
    if (value === sent.current) return false
    sent.current = value
    change(value)
    return true
  }
  return {
    text,
    setText: (value) => {
      setText(value)
      clearTimeout(timer.current)
      timer.current = setTimeout(() => apply(value), DEBOUNCE_MS)
    },
    flush: () => apply(text),
  }
}
