// The log viewer: loads a log while it is read, searches it, and links to its lines.

import { useSignal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { useEffect, useLayoutEffect, useMemo, useRef } from 'preact/hooks'
import { useQuery } from '../address'
import { formatBytes, formatCount } from '../format'
import { Find } from './find'
import { useFullScreen } from './full-screen'
import { formatLines, type LineRange, parseLines } from './line-range'
import { Lines } from './lines'
import { Log, MAX_BYTES } from './log'
import { LoadState, MarkedLines, PartChoice } from './state'
import { Viewport } from './viewport'
import { toggleWrap, wrapsLines } from './wrap-choice'

interface Props {
  /** Controls that the parent adds to the toolbar, such as the choice of the file. */
  choices?: ComponentChildren
  /** The path of the file on this server. */
  url: string
  /** In bytes. */
  size: number
  /** Another value means that the file may have changed. */
  version?: string | number | undefined
}

export function LogView({ choices, url, size, version }: Props) {
  const { query, hrefWith, change } = useQuery()
  const isTooLarge = size > MAX_BYTES
  const isLast = isTooLarge && query.part === 'last'
  const { log, viewport } = useMemo(
    () => ({ log: new Log(url, isLast ? size - MAX_BYTES : 0, size), viewport: new Viewport() }),
    [url, isLast],
  )
  useEffect(() => {
    log.size = size
    log.load()
  }, [log, size, version])
  useEffect(() => () => log.stop(), [log])

  const changed = log.changed.value
  useLayoutEffect(() => {
    viewport.rowCount.value = log.rows.length
  }, [log, viewport, changed])

  useWrap(log, viewport)
  const { isFull, toggleFull } = useFullScreen()
  const { marked, mark } = useMarkedLines(log, viewport)
  const { current, go } = useHits(log, viewport, query.find ?? '', marked !== undefined)
  const name = decodeURIComponent(url.slice(url.lastIndexOf('/') + 1))
  const { firstError } = log
  return (
    <section class={`panel log${isFull ? ' log-full' : ''}`} aria-label={`Log ${name}`}>
      <div class="log-bar">
        {choices}
        <Find
          log={log}
          text={query.find ?? ''}
          current={current}
          change={(find) => change({ find }, { replace: true })}
          go={go}
        />
        <div class="log-buttons">
          <button
            type="button"
            class="log-first-error"
            disabled={firstError === undefined}
            onClick={() =>
              firstError !== undefined && mark({ first: firstError, last: firstError }, firstError)
            }
          >
            {firstError !== undefined && `First error: line ${formatCount(firstError)}`}
            {firstError === undefined && (log.isComplete ? 'No error' : 'No error so far')}
          </button>
          <button type="button" onClick={() => viewport.moveToStart()}>
            Top
          </button>
          <button type="button" onClick={() => viewport.moveToEnd()}>
            End
          </button>
          <FollowButton viewport={viewport} />
          <button type="button" aria-pressed={wrapsLines.value} title="Wrap long lines" onClick={toggleWrap}>
            Wrap
          </button>
          <button type="button" aria-pressed={isFull} title="Full screen (z)" onClick={toggleFull}>
            Full screen
          </button>
        </div>
      </div>
      <div class="log-state">
        <LoadState log={log} />
        <a href={url}>Raw, {formatBytes(size)}</a>
        {isTooLarge && (
          <PartChoice
            isLast={isLast}
            href={hrefWith({ part: isLast ? undefined : 'last', line: undefined })}
          />
        )}
        {marked && <MarkedLines log={log} lines={marked} clear={() => mark(undefined)} />}
      </div>
      <Lines
        log={log}
        viewport={viewport}
        name={name}
        marked={marked}
        current={current}
        hrefOf={(line) => hrefWith({ line })}
        mark={mark}
      />
    </section>
  )
}

/**
 * Keeps the first visible line in place when wrapping is switched or the width changes. Runs before the browser paints,
 * so that nothing jumps.
 */
function useWrap(log: Log, viewport: Viewport): void {
  const columns = wrapsLines.value ? viewport.columns.value : undefined
  const firstLine = useRef<number | undefined>(undefined)
  useLayoutEffect(() => {
    if (columns === 0 || columns === log.rows.columns) return
    firstLine.current ??= log.rows.slice(viewport.firstRow, 1)[0]?.line
    log.wrapAt(columns)
  }, [log, viewport, columns])
  useLayoutEffect(() => {
    const row = firstLine.current === undefined ? undefined : log.rows.ofLine(firstLine.current)
    if (!row || viewport.follows.value) return
    firstLine.current = undefined
    viewport.showFirst(row.number, log.rows.length)
  }, [log, viewport, log.changed.value])
}

function FollowButton({ viewport }: { viewport: Viewport }) {
  const follows = viewport.follows.value
  const toggle = () => {
    viewport.follows.value = !follows
    viewport.syncScrollbar()
  }
  return (
    <button type="button" aria-pressed={follows} title="Show the end, as it grows" onClick={toggle}>
      Follow
    </button>
  )
}

/** The marked lines in the address; scrolls to them as soon as they are loaded. */
function useMarkedLines(log: Log, viewport: Viewport) {
  const { query, change } = useQuery()
  const marked = parseLines(query.line)
  const lineToReveal = useRef<number | undefined>(undefined)
  const ownLine = useRef<string | undefined>(undefined)
  const reveal = (line: number) => {
    const row = log.rows.ofLine(line)
    if (row) viewport.reveal(row.number, log.rows.length)
    return row !== undefined
  }
  useEffect(() => {
    if (query.line !== ownLine.current) lineToReveal.current = marked?.first
  }, [log, query.line])
  useEffect(() => {
    if (lineToReveal.current === undefined || viewport.height.value === 0) return
    if (reveal(lineToReveal.current)) lineToReveal.current = undefined
  }, [log, viewport, log.changed.value, query.line, viewport.height.value])
  return {
    marked,
    /** @param shown  a line to scroll to, if it is not visible yet. */
    mark: (lines: LineRange | undefined, shown?: number) => {
      ownLine.current = lines && formatLines(lines)
      change({ line: ownLine.current }, { replace: true })
      if (shown !== undefined) reveal(shown)
    },
  }
}

/**
 * The current hit of the search. A new search goes to the first hit after the first visible row as soon as it is found.
 *
 * @param hasMarkedLine  the address already leads to a line: then the view does not jump to a hit.
 */
function useHits(log: Log, viewport: Viewport, text: string, hasMarkedLine: boolean) {
  const current = useSignal<number | undefined>(undefined)
  const isSeeking = useRef(!hasMarkedLine)
  const show = (index: number) => {
    const row = log.search && log.rows.ofByte(log.search.match(index).start)
    if (!row) return
    isSeeking.current = false
    current.value = index
    viewport.reveal(row.number, log.rows.length)
  }
  const firstVisibleByte = () => log.rows.slice(viewport.firstRow, 1)[0]?.start ?? 0
  const lastText = useRef(text)
  useEffect(() => {
    if (lastText.current !== text) isSeeking.current = true
    lastText.current = text
    current.value = undefined
    log.find(text)
  }, [log, text])
  const changed = log.changed.value
  useEffect(() => {
    if (!isSeeking.current || !log.search || log.search.count === 0 || viewport.height.value === 0) return
    const index = log.search.countBefore(firstVisibleByte())
    if (index < log.search.count) show(index)
    else if (!log.isBusy) show(0)
  }, [log, changed, text, viewport.height.value])
  const go = (step: 1 | -1) => {
    const count = log.search?.count ?? 0
    if (!log.search || count === 0) return
    const from = current.value ?? log.search.countBefore(firstVisibleByte()) - (step === 1 ? 1 : 0)
    show((from + step + count) % count)
  }
  return { current: current.value, go }
}
