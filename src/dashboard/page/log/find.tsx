// The search field of a log: the text, the number of hits, and buttons to the next and the previous hit.

import { formatCount } from '../format'
import { useKeys } from '../keys'
import { useDebouncedText } from '../parts/debounced-text'
import { ArrowIcon, SearchIcon } from '../parts/icons'
import { type Log, MAX_HITS } from './log'

interface Props {
  log: Log
  /** The text in the address. */
  text: string
  /** The index of the hit that is shown. */
  current: number | undefined
  change: (text: string) => void
  /** @param step  1: to the next hit; -1: to the previous one. */
  go: (step: 1 | -1) => void
}

export function Find({ log, text, current, change, go }: Props) {
  const typed = useDebouncedText(text, change)
  useKeys((key) => {
    if (key === 'n') go(1)
    else if (key === 'N') go(-1)
  })
  const keyDown = (event: KeyboardEvent & { currentTarget: HTMLInputElement }) => {
    if (event.key !== 'Enter' && event.key !== 'Escape') return
    // By default, Escape would empty the field. It only leaves the field, so that n and N can be typed.
    event.preventDefault()
    const isNew = typed.flush()
    if (event.key === 'Escape') event.currentTarget.blur()
    else if (!isNew) go(event.shiftKey ? -1 : 1)
  }
  const hasHits = (log.search?.count ?? 0) > 0
  return (
    <div class="log-find">
      <div class="search">
        <SearchIcon />
        <input
          type="search"
          placeholder="Find in the log"
          aria-label="Find in the log"
          maxLength={200}
          value={typed.text}
          onInput={(event) => typed.setText(event.currentTarget.value)}
          onKeyDown={keyDown}
        />
      </div>
      {/* Hidden while the reader types: these are the hits of the previous text. */}
      <output class="log-hits numbers">{typed.text === log.term ? hitsText(log, current) : ''}</output>
      <FindButton label="Previous hit (N)" direction="up" disabled={!hasHits} onClick={() => go(-1)} />
      <FindButton label="Next hit (n)" direction="down" disabled={!hasHits} onClick={() => go(1)} />
    </div>
  )
}

interface FindButtonProps {
  label: string
  direction: 'up' | 'down'
  disabled: boolean
  onClick: () => void
}

function FindButton({ label, direction, disabled, onClick }: FindButtonProps) {
  return (
    <button
      type="button"
      class="icon-button"
      title={label}
      aria-label={label}
      disabled={disabled}
      onClick={onClick}
    >
      <ArrowIcon direction={direction} />
    </button>
  )
}

function hitsText(log: Log, current: number | undefined): string {
  const { search } = log
  if (!search) return ''
  if (search.count === 0) return log.isBusy ? 'Searching' : 'No hits'
  const count = search.isFull ? `more than ${formatCount(MAX_HITS)}` : formatCount(search.count)
  const noun = search.count === 1 ? 'hit' : 'hits'
  const soFar = log.isBusy && !search.isFull ? ' so far' : ''
  return current === undefined
    ? `${count} ${noun}${soFar}`
    : `${formatCount(current + 1)} of ${count}${soFar}`
}
