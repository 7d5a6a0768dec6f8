// What is typed into a field that searches: it goes into the address when the typing pauses.

import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'

const PAUSE_MS = 200

export interface Typed {
  text: string
  type: (text: string) => void
  /** Puts what is typed into the address at once. @returns whether it was not there yet. */
  send: () => boolean
}

/** @param change  puts a text into the address. */
export function useTyped(inAddress: string, change: (text: string) => void): Typed {
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

  const put = (value: string) => {
    clearTimeout(timer.current)
    if (value === sent.current) return false
    sent.current = value
    change(value)
    return true
  }
  return {
    text,
    type: (value) => {
      setText(value)
      clearTimeout(timer.current)
      timer.current = setTimeout(() => put(value), PAUSE_MS)
    },
    send: () => put(text),
  }
}
