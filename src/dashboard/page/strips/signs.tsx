// The shapes of runs: a pass is low and quiet, a failure tall and filled, a flake hollow, a bad night hatched.
// They differ without colour.

import type { HistoryRun } from '../api'
import { ToneIcon } from '../parts/icons'
import { meaningOf, statusOf } from '../statuses'

type Run = Pick<HistoryRun, 'status' | 'reported_status' | 'outcome' | 'flake' | 'infrastructure'>

/** What is drawn inside the shape of a run. */
export function RunSign({ run }: { run: Run }) {
  return run.outcome === 'failed' && !run.infrastructure ? (
    <ToneIcon tone={meaningOf(statusOf(run)).tone} />
  ) : null
}

/** A shape beside its meaning, for the legend. */
function Sign({ shape, children }: { shape: string; children: string }) {
  return (
    <span>
      {shape === 'tick' || shape === 'strip-since' || shape === 'strip-gap' ? (
        <i class={shape} aria-hidden="true" />
      ) : (
        <i
          class={`run ${shape} tone-${shape === 'run-pass' ? 'pass' : shape === 'run-none' ? 'skip' : 'fail'}`}
          aria-hidden="true"
        >
          {(shape === 'run-fail' || shape === 'run-flake') && <ToneIcon tone="fail" />}
        </i>
      )}
      {children}
    </span>
  )
}

/** What the shapes of strips mean. */
export function StripLegend() {
  return (
    <div class="panel-foot legend">
      <Sign shape="run-pass">pass</Sign>
      <Sign shape="run-fail">fail</Sign>
      <Sign shape="run-flake">flake: went away by itself</Sign>
      <Sign shape="run-bad-night">infrastructure: not counted</Sign>
      <Sign shape="run-none">skipped or not ended</Sign>
      <Sign shape="strip-gap">no run</Sign>
      <Sign shape="tick">environment changed</Sign>
      <Sign shape="strip-since">since when</Sign>
    </div>
  )
}
