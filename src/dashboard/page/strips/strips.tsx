// Strips of runs, one for each series: a column is a round of runs, the oldest on the left. Ticks between runs say that
// the environment changed. All strips together are one stop of the tab key; arrow keys walk through the runs.

import type { ComponentChildren, TargetedKeyboardEvent } from 'preact'
import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import { paths } from '../address'
import type { HistoryRun } from '../api'
import { formatCounted, formatDate, formatShortDay, now } from '../format'
import { meaningOf, statusOf } from '../statuses'
import { axisMarks, columnsOf } from './columns'
import { type Position, walk } from './navigation'
import { outcomeText, shapeOf } from './shapes'
import { RunSign } from './signs'
import { useTip } from './tip'

/** In pixels, as views.css has it. */
const COLUMN = 20
/** A date needs four columns. */
const AXIS_EVERY = 5
/** More changes of the environment than this make a bold tick. */
const FEW_CHANGES = 5

export interface StripRow {
  key: string
  /** For screen readers: whose runs these are. */
  label: string
  /** On the left: the host. */
  head?: ComponentChildren
  /** On the right: the state in words. */
  state?: ComponentChildren
  /** The oldest first. */
  runs: HistoryRun[]
  /** The id of the first bad run, from which the strip is underlined. */
  badSince?: number | undefined
}

interface Props {
  rows: StripRow[]
  label: string
  /** The id of the run that the page is about. */
  current?: number | undefined
  /** What the box beside a run says, besides its time, job and outcome. */
  details: (run: HistoryRun, row: StripRow) => ComponentChildren
  /** Without heads, states and dates. */
  isBrief?: boolean
}

export function Strips({ rows, label, current, details, isBrief = false }: Props) {
  const columns = useMemo(() => columnsOf(rows.map(({ runs }) => runs)), [rows])
  const scroller = useRef<HTMLDivElement>(null)
  /** The id of the run that has the focus, or had it last. */
  const [at, setAt] = useState<number>()
  const tip = useTip<{ run: HistoryRun; row: StripRow }>(({ run, row }) => (
    <>
      <b>
        {formatDate(run.time, now.value)}, job {run.job_number}
      </b>
      <span>{outcomeText(run)}</span>
      {details(run, row)}
    </>
  ))
  const ids = new Set(rows.flatMap(({ runs }) => runs.map(({ test }) => test)))
  const stop = [at, current].find((test) => test !== undefined && ids.has(test)) ?? rows[0]?.runs.at(-1)?.test
  const width = columns.times.length * COLUMN

  // The newest runs are what is looked for.
  useLayoutEffect(() => {
    scroller.current?.scrollTo({ left: width })
  }, [width])

  const keyDown = (event: TargetedKeyboardEvent<HTMLElement>) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const from = positionOf(rows, at ?? stop)
    const walkable = rows.map(({ runs }, row) => ({
      columns: columns.of[row] ?? [],
      changed: runs.map(({ changed }) => (changed ?? 0) > 0),
    }))
    const to = from && walk(walkable, from, event.key)
    const run = to && rows[to.row]?.runs[to.index]
    if (!run) return
    event.preventDefault()
    setAt(run.test)
    event.currentTarget.querySelector<HTMLElement>(`[data-run="${run.test}"]`)?.focus()
  }
  return (
    <div class={isBrief ? 'strips-box strips-brief' : 'strips-box'} ref={tip.frame}>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the keys are those of the runs in it. */}
      <div
        class="strips"
        ref={scroller}
        onKeyDown={keyDown}
        onScroll={tip.hide}
        style={{ '--runs': `${width}px` }}
      >
        <ol aria-label={label}>
          {rows.map((row, index) => (
            <Strip key={row.key} row={row} columns={columns.of[index] ?? []} width={width} isBrief={isBrief}>
              {(run) => {
                const isTipped = tip.value?.run.test === run.test
                return {
                  tabIndex: run.test === stop ? 0 : -1,
                  'aria-current': run.test === current ? 'true' : undefined,
                  'aria-describedby': isTipped ? tip.id : undefined,
                  onMouseEnter: (event: { currentTarget: Element }) =>
                    tip.show({ run, row }, event.currentTarget),
                  onMouseLeave: tip.hideSoon,
                  onFocus: (event: { currentTarget: Element }) => {
                    setAt(run.test)
                    tip.show({ run, row }, event.currentTarget)
                  },
                  onBlur: tip.hideSoon,
                }
              }}
            </Strip>
          ))}
          {!isBrief && <Axis times={columns.times} width={width} />}
        </ol>
      </div>
      {tip.box}
    </div>
  )
}

function positionOf(rows: StripRow[], test: number | undefined): Position | undefined {
  for (const [row, { runs }] of rows.entries()) {
    const index = runs.findIndex((run) => run.test === test)
    if (index >= 0) return { row, index }
  }
  return undefined
}

interface StripProps {
  row: StripRow
  columns: readonly number[]
  width: number
  isBrief: boolean
  /** The properties of the link to a run. */
  children: (run: HistoryRun) => object
}

function Strip({ row, columns, width, isBrief, children }: StripProps) {
  const { runs, badSince } = row
  const bad = runs.findIndex(({ test }) => test === badSince)
  const from = (columns[bad] ?? 0) * COLUMN
  return (
    <li class="strip">
      {!isBrief && <div class="strip-head">{row.head}</div>}
      <ol class="strip-line" aria-label={row.label} style={{ width: `${width}px` }}>
        {runs.map((run, index) => (
          <li key={run.test} style={{ left: `${(columns[index] ?? 0) * COLUMN}px` }}>
            {(run.changed ?? 0) > 0 && (
              <i class={(run.changed ?? 0) > FEW_CHANGES ? 'tick tick-strong' : 'tick'} aria-hidden="true" />
            )}
            <a
              class={`run ${shapeOf(run)} tone-${meaningOf(statusOf(run)).tone}`}
              href={paths.test(run.job, run.test)}
              data-run={run.test}
              aria-label={textOf(run)}
              {...children(run)}
            >
              <RunSign run={run} />
            </a>
          </li>
        ))}
        <Gaps columns={columns} width={width} />
        {bad >= 0 && (
          <li
            class="strip-since"
            aria-hidden="true"
            style={{ left: `${from}px`, width: `${endOf(columns) - from}px` }}
          />
        )}
      </ol>
      {!isBrief && <div class="strip-state">{row.state}</div>}
    </li>
  )
}

const endOf = (columns: readonly number[]) => ((columns.at(-1) ?? 0) + 1) * COLUMN

function textOf(run: HistoryRun): string {
  const changes = run.changed ?? 0
  const environment = changes > 0 ? `, after ${formatCounted(changes, 'change')} of the environment` : ''
  return `${formatDate(run.time, now.value)}, job ${run.job_number}: ${outcomeText(run)}${environment}`
}

/** Dashes where a series has no run. */
function Gaps({ columns, width }: { columns: readonly number[]; width: number }) {
  const taken = new Set(columns)
  const last = width / COLUMN
  let path = ''
  for (let column = columns[0] ?? last; column < last; column++) {
    if (!taken.has(column)) path += `M${column * COLUMN + 6} 20h8`
  }
  if (path === '') return null
  return (
    <li class="strip-gaps" aria-hidden="true">
      <svg width={width} height="40" aria-hidden="true">
        <path d={path} />
      </svg>
    </li>
  )
}

function Axis({ times, width }: { times: readonly number[]; width: number }) {
  return (
    <li class="strip strip-axis" aria-hidden="true">
      <div class="strip-head" />
      <div class="strip-line" style={{ width: `${width}px` }}>
        {axisMarks(times, AXIS_EVERY).map(({ column, time }) => (
          <span key={column} style={{ left: `${column * COLUMN + COLUMN / 2}px` }}>
            {formatShortDay(time)}
          </span>
        ))}
      </div>
      <div class="strip-state" />
    </li>
  )
}
