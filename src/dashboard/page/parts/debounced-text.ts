// What is typed into a field that searches: it goes into the address when the typing pauses.

import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'

const DEBOUNCE_MS = 200

export interface DebouncedText {
  text: string
  setText: (text: string) => void
  /** Puts what is typed into the address at once. @returns whether it was not there yet. */
  flush: () => boolean
}

/** @param change  puts a text into the address. */
export function useDebouncedText(inAddress: string, change: (text: string) => void): DebouncedText {
  const [text, setText] = useState(inAddress)
  const sent = useRef(inAddress)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  useLayoutEffect(() => {
    // What the field itself sent may have been typed on before it comes back here.
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
