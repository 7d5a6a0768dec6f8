// Exports all known issues as a file, and imports such a file.

import { useRef, useState } from 'preact/hooks'
import { send } from '../api'
import { formatCounted } from '../format'
import { canDecide } from '../session'

export function Transfer({ onDone }: { onDone: () => void }) {
  const input = useRef<HTMLInputElement>(null)
  const [said, setSaid] = useState<string>()
  const [isFailure, setFailure] = useState(false)
  const say = (sentence: string, failed = false) => {
    setSaid(sentence)
    setFailure(failed)
  }
  const read = async () => {
    const file = input.current?.files?.[0]
    if (!file) return
    try {
      const told = await send<{ added: number; unchanged: number }>(
        'POST',
        '/known-issues/import/',
        JSON.parse(await file.text()),
      )
      say(`${formatCounted(told.added, 'known issue')} added, ${told.unchanged} were there.`)
      onDone()
    } catch (error) {
      say(error instanceof SyntaxError ? 'This file is no JSON.' : (error as Error).message, true)
    }
    if (input.current) input.current.value = ''
  }
  return (
    <>
      <a class="button" href="/known-issues/export/" download="known-issues.json">
        Export
      </a>
      {canDecide.value && (
        <>
          <button type="button" onClick={() => input.current?.click()}>
            Import
          </button>
          <input
            ref={input}
            type="file"
            accept="application/json,.json"
            class="visually-hidden"
            tabIndex={-1}
            aria-label="A file of known issues"
            onChange={read}
          />
        </>
      )}
      {said && <span role={isFailure ? 'alert' : 'status'}>{said}</span>}
    </>
  )
}
