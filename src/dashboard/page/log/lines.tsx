// Draws only the visible rows of a log: some fifty of a million.

import type { RefObject } from 'preact'
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'
import { formatLines, type LineRange, lineRange } from './line-range'
import type { Log } from './log'
import { LogRow } from './row'
import type { Hit } from './row-parts'
import type { Row } from './rows'
import { ROW_PIXELS, type Viewport } from './viewport'

interface Props {
  log: Log
  viewport: Viewport
  name: string
  marked: LineRange | undefined
  /** The index of the hit that is shown. */
  current: number | undefined
  hrefOf: (lines: string) => string
  /** @param shown  a line to scroll to. */
  mark: (lines: LineRange | undefined, shown?: number) => void
}

export function Lines({ log, viewport, name, marked, current, hrefOf, mark }: Props) {
  const scroller = useRef<HTMLElement>(null)
  const bar = viewport.scrollbar.value
  const changed = log.changed.value
  useEffect(() => (scroller.current ? viewport.attach(scroller.current) : undefined), [viewport])
  useLayoutEffect(() => viewport.syncScrollbar(), [viewport, bar])
  useShownHit(scroller, log, current, changed)

  const rows = log.rows.slice(viewport.firstRow, viewport.visibleRowCount)
  // An estimate of the last line, so that the column of numbers need not grow while the log loads.
  const lastLine = Math.max(log.rows.lineCount, Math.round(log.expected / 100), 100)
  const markNext = (step: number, extend: boolean) => {
    const top = (rows[0]?.line ?? 1) - Math.max(0, step)
    const { first, last } = marked ?? { first: top, last: top }
    const line = Math.min(Math.max(1, (step > 0 ? last : first) + step), log.rows.lineCount)
    mark(extend && marked ? lineRange(step > 0 ? first : last, line) : lineRange(line, line), line)
  }
  const keyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const move = movements(viewport)[event.key === ' ' && event.shiftKey ? 'PageUp' : event.key]
    const letter = event.key.toLowerCase()
    const step = { j: 1, k: -1 }[letter]
    if (move) move()
    else if (step) markNext(step, event.key !== letter)
    else return
    event.preventDefault()
  }
  return (
    <section
      ref={scroller}
      class="log-scroll"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what can be scrolled must be reached with the keyboard
      tabIndex={0}
      aria-label={`Lines of ${name}: arrows scroll, j and k mark a line, with shift one more`}
      onKeyDown={keyDown}
      style={{
        '--digits': String(lastLine).length,
        '--columns': log.rows.columns === undefined ? log.rows.longestBytes : 0,
      }}
    >
      <div class="log-track" style={{ height: `${bar.height}px` }}>
        <div class="log-window" style={{ height: `${viewport.height.value}px` }}>
          <div style={{ transform: `translateY(${-(viewport.top.value % ROW_PIXELS)}px)` }}>
            {rows.map((row) => (
              <LogRow
                key={row.number}
                row={row}
                bytes={log.bytes.slice(row.start, row.end)}
                hits={hitsIn(log, row, current)}
                isMarked={marked !== undefined && row.line >= marked.first && row.line <= marked.last}
                href={hrefOf(formatLines({ first: row.line, last: row.line }))}
                mark={(line, { extend }) => mark(lineRange((extend && marked?.first) || line, line))}
              />
            ))}
          </div>
        </div>
      </div>
    </section>
  )
}

function movements(viewport: Viewport): Record<string, () => void> {
  const page = Math.max(1, Math.floor(viewport.height.value / ROW_PIXELS) - 1)
  return {
    ArrowDown: () => viewport.moveBy(1),
    ArrowUp: () => viewport.moveBy(-1),
    PageDown: () => viewport.moveBy(page),
    PageUp: () => viewport.moveBy(-page),
    ' ': () => viewport.moveBy(page),
    Home: () => viewport.moveToStart(),
    End: () => viewport.moveToEnd(),
  }
}

/** The hits in a row, as offsets in its bytes. */
function hitsIn({ search }: Log, { start, end }: Row, current: number | undefined): Hit[] {
  const hits: Hit[] = []
  if (!search) return hits
  for (let index = search.countBefore(start); index < search.count; index++) {
    const match = search.match(index)
    if (match.start >= end) break
    hits.push({ start: match.start - start, end: match.end - start, isCurrent: index === current })
  }
  return hits
}

/** Scrolls sideways if the current hit is far to the right. */
function useShownHit(
  scroller: RefObject<HTMLElement | null>,
  log: Log,
  current: number | undefined,
  changed: number,
): void {
  const shown = useRef<string | undefined>(undefined)
  useEffect(() => {
    const name = current === undefined ? undefined : `${current} ${log.search?.match(current).start}`
    if (shown.current === name) return
    const element = scroller.current?.querySelector('.log-current')
    if (element) element.scrollIntoView({ block: 'nearest', inline: 'nearest' })
    if (element || name === undefined) shown.current = name
  }, [scroller, log, current, changed])
}
