// Draws one row: its line number, which is a link, and its text.

import { formatCount } from '../format'
import { ToneIcon } from '../parts/icons'
import type { TextStyle } from './ansi'
import { type Hit, isError, type RowPart, rowParts } from './row-parts'
import type { Row } from './rows'

interface Props {
  row: Row
  bytes: Uint8Array
  hits: Hit[]
  isMarked: boolean
  /** The address with this line marked. */
  href: string
  /** @param extend  also marks the lines from the one that is already marked. */
  mark: (line: number, { extend }: { extend: boolean }) => void
}

export function LogRow({ row, bytes, hits, isMarked, href, mark }: Props) {
  const { line, continues } = row
  const hasError = isError(bytes)
  const click = (event: MouseEvent) => {
    // The browser opens the link in another tab or window.
    if (event.ctrlKey || event.metaKey || event.button !== 0) return
    event.preventDefault()
    event.stopPropagation()
    mark(line, { extend: event.shiftKey })
  }
  return (
    <div class={`log-row${isMarked ? ' log-marked' : ''}${hasError ? ' log-error' : ''}`}>
      <span class="log-gutter">
        {hasError && (
          <span class="log-sign" role="img" aria-label="Error" title="Error">
            <ToneIcon tone="error" />
          </span>
        )}
        {continues ? (
          <span class="log-number" title={`Line ${formatCount(line)} goes on`}>
            …
          </span>
        ) : (
          <a
            class="log-number"
            href={href}
            tabIndex={-1}
            aria-label={`Line ${line}`}
            aria-current={isMarked ? 'true' : undefined}
            onClick={click}
          >
            {line}
          </a>
        )}
      </span>
      <span class="log-text">
        {rowParts(bytes, hits).map((part, index) => (
          <Part key={index} part={part} />
        ))}
        {'\n'}
      </span>
    </div>
  )
}

function Part({ part: { text, style, hit } }: { part: RowPart }) {
  const classes = styleClasses(style)
  if (!hit && classes === '') return <>{text}</>
  const { color, background } = shownColors(style)
  const colors = { '--fg': color, '--bg': background }
  return hit ? (
    <mark class={`${classes} log-hit${hit.isCurrent ? ' log-current' : ''}`} style={colors}>
      {text}
    </mark>
  ) : (
    <span class={classes} style={colors}>
      {text}
    </span>
  )
}

function shownColors({ color, background, inverse }: TextStyle) {
  return inverse ? { color: background, background: color } : { color, background }
}

function styleClasses(style: TextStyle): string {
  const { color, background } = shownColors(style)
  return [
    color && 'log-colored',
    background && 'log-filled',
    style.inverse && !color && !background && 'log-inverse',
    style.bold && 'log-bold',
    style.dim && !color && 'log-dim',
    style.italic && 'log-italic',
    style.underline && 'log-underline',
    style.strike && 'log-strike',
  ]
    .filter(Boolean)
    .join(' ')
}
