// The state of a log below its toolbar: how much is loaded, what went wrong, which lines are marked.

import { formatBytes, formatCount } from '../format'
import { CopyButton } from '../parts/copy'
import { ToneIcon } from '../parts/icons'
import { formatLines, type LineRange } from './line-range'
import { type Log, MAX_BYTES } from './log'
import { plainText } from './text'

/** The most that can be copied to the clipboard. */
const MAX_COPIED_BYTES = 4 * 1024 ** 2

export function LoadState({ log }: { log: Log }) {
  const state = log.state.value
  const there = log.loaded.value
  if (state === 'loading') {
    return (
      <>
        <progress aria-label="Loading the log" max={log.expected} value={Math.min(there, log.expected)} />
        <span class="numbers">
          {formatBytes(there)} of {formatBytes(log.expected)}
        </span>
        <button type="button" onClick={() => log.stop()}>
          Stop
        </button>
      </>
    )
  }
  if (state === 'whole') return <span class="numbers">{linesText(log.rows.lineCount)}</span>
  return (
    <>
      {state === 'stopped' ? (
        <output>
          Stopped after {formatBytes(there)} of {formatBytes(log.expected)}.
        </output>
      ) : (
        <span class="log-failure" role="alert">
          <ToneIcon tone="fail" /> {log.failure}
        </span>
      )}
      <button type="button" onClick={() => log.load()}>
        {state === 'failed' ? 'Try again' : 'Load the rest'}
      </button>
    </>
  )
}

function linesText(count: number): string {
  if (count === 0) return 'This log is empty.'
  return count === 1 ? '1 line' : `${formatCount(count)} lines`
}

/** For a file that is too large to be shown as a whole: a link to its other part. */
export function PartChoice({ isLast, href }: { isLast: boolean; href: string }) {
  const part = formatBytes(MAX_BYTES)
  return (
    <span>
      {isLast
        ? `The log is larger than can be shown: these are its last ${part}, and lines are counted from there.`
        : `The log is larger than can be shown: these are its first ${part}.`}{' '}
      <a href={href}>{isLast ? `Show the first ${part}` : `Show the last ${part}`}</a>
    </span>
  )
}

interface MarkedProps {
  log: Log
  lines: LineRange
  clear: () => void
}

export function MarkedLines({ log, lines, clear }: MarkedProps) {
  const { rows, bytes } = log
  const first = rows.ofLine(lines.first)
  if (!first) {
    const isMissing = log.state.value === 'whole'
    return <span>{isMissing ? `There is no line ${formatCount(lines.first)}.` : ''}</span>
  }
  const end = rows.ofLine(lines.last + 1)?.start ?? bytes.length
  const name = lines.first === lines.last ? `Line ${lines.first}` : `Lines ${formatLines(lines)}`
  return (
    <span class="log-marks">
      <span class="numbers">{name}</span>
      {end - first.start <= MAX_COPIED_BYTES ? (
        <CopyButton
          text={() => plainText(bytes.slice(first.start, end))}
          label={`Copy ${name.toLowerCase()}`}
        />
      ) : (
        <span class="muted">too long to be copied</span>
      )}
      <button type="button" class="icon-button" title="Unmark" aria-label="Unmark" onClick={clear}>
        <ToneIcon tone="fail" />
      </button>
    </span>
  )
}
