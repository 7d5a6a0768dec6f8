// The sentences of the triage page.

import type { Cause, TriageAnswer } from '../api'
import {
  formatCount,
  formatCounted,
  formatDate,
  formatDay,
  formatHour,
  formatRate,
  formatTemplate,
} from '../format'

/** The groups of causes in the order of the page. */
export const groups = {
  new: { title: 'New', note: '' },
  still_failing: { title: 'Still failing', note: '' },
  fixed: { title: 'Fixed', note: '' },
  never_passed: { title: 'Never passed', note: '' },
  flaky: { title: 'Explained', note: 'known issue, flaky, or passed again' },
} as const
export const groupNames = Object.keys(groups) as (keyof typeof groups)[]

const DAY_MS = 24 * 3_600_000

const smallNumbers = ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine']

function countWord(count: number): string {
  return smallNumbers[count] ?? formatCount(count)
}

/** When a window begins: `07:42`, `yesterday 18:00`, `Friday 17:48`, or the date. */
function formatBegin(time: string, present: number): string {
  const at = Date.parse(time)
  const midnight = new Date(present).setHours(0, 0, 0, 0)
  const hour = formatHour(time)
  if (at >= midnight) return hour
  if (at >= midnight - DAY_MS) return `yesterday ${hour}`
  if (at < midnight - 6 * DAY_MS) return formatDate(time, present)
  return `${new Intl.DateTimeFormat('en', { weekday: 'long' }).format(at)} ${hour}`
}

/** The answer to "what broke?", in words. */
export function headlineOf({ window, new: fresh }: TriageAnswer, present: number): string {
  const since = `since ${formatBegin(window.from, present)}`
  const sure = fresh?.states.new ?? 0
  const perhaps = fresh?.states.unconfirmed ?? 0
  if (sure > 0) {
    const causes = formatCounted(sure, 'new cause')
    return perhaps > 0 ? `${causes}, ${formatCount(perhaps)} perhaps, ${since}` : `${causes} ${since}`
  }
  if (perhaps > 0) return `Perhaps ${formatCount(perhaps)} new ${since}`
  return window.jobs === 0 && window.failures === 0 ? `No job ${since}` : `Nothing new ${since}`
}

/** What the headline rests on. */
export function noteOf(answer: TriageAnswer, present: number): string {
  const { window, new: fresh } = answer
  if (fresh && fresh.count > 0) {
    const others = (answer.still_failing?.count ?? 0) + (answer.never_passed?.count ?? 0)
    const explained = answer.flaky?.count ?? 0
    const hosts = fresh.hosts > 1 ? ` on ${formatCounted(fresh.hosts, 'host')}` : ''
    const fail = `${formatCounted(fresh.tests, 'test')}${hosts} ${fresh.tests === 1 ? 'fails' : 'fail'} for ${fresh.count === 1 ? 'it' : 'them'}.`
    const older =
      others > 0 ? ` ${formatCounted(others, 'more cause')} ${others === 1 ? 'is' : 'are'} older.` : ''
    const flaky =
      explained > 0
        ? ` ${formatCounted(explained, 'cause')} ${explained === 1 ? 'is' : 'are'} explained.`
        : ''
    return fail + older + flaky
  }
  const ran = `${formatCounted(window.jobs, 'job')} on ${formatCounted(window.hosts, 'host')}, ${formatCounted(window.tests, 'test')}`
  const last = window.last_job ? `; the last one began ${formatBegin(window.last_job.time, present)}` : ''
  if (window.jobs === 0) return 'Nothing is known of this time.'
  return window.failures === 0
    ? `${ran}${last}. None failed.`
    : `${ran}${last}. What failed did so before, or is flaky.`
}

/** What a cause is called. */
export function titleOf({ kind, template, testcase, tests, reasons, hosts, first_bad }: Cause): string {
  if (kind === 'reason' && template !== null) return formatTemplate(template)
  if (kind === 'host') {
    const job = first_bad ? ` in job ${first_bad.job_number}` : ''
    return `${formatCounted(tests, 'test')} failed on ${hosts[0] ?? 'one host'}${job}, for ${countWord(reasons)} reasons`
  }
  return `${testcase}: no reason was told`
}

/** The one fact that decides what to do. */
export function factOf(cause: Cause, present: number): string {
  const { state, streak, more_runs, flakiness, fixed_in, new_hosts, failures, first_bad, last_good } = cause
  switch (state) {
    case 'new':
      return first_bad && last_good
        ? `First bad: job ${first_bad.job_number}; job ${last_good.job_number} was good`
        : `${formatCounted(failures, 'failure')} so far`
    case 'unconfirmed':
      return `${streak <= 1 ? 'One failure' : formatCounted(streak, 'failure')} so far${decides(more_runs)}`
    case 'still_failing': {
      const news =
        new_hosts.length > 0
          ? `New on ${new_hosts.map((host) => host ?? 'an unknown host').join(', ')}. `
          : ''
      if (failures === 0) return `${news}Did not run in this time; last seen ${lastSeen(cause, present)}`
      return `${news}${streak > 1 ? `${formatCount(streak)} failures in a row` : formatCounted(failures, 'failure')}`
    }
    case 'fixing':
    case 'fixed': {
      const by = fixed_in ? `job ${fixed_in.job_number}` : 'a later job'
      return state === 'fixed' ? `Passes since ${by}` : `Passes again in ${by}: too few runs to be sure`
    }
    case 'never_passed':
      return failures > 0 ? 'Has never passed' : `Has never passed; last seen ${lastSeen(cause, present)}`
    case 'flaky':
      return flakiness ? `Fails in ${formatRate(flakiness)}` : 'Is known to fail now and then'
    case 'known_issue':
      return cause.known_issue ? cause.known_issue.report_subject || cause.known_issue.report_url : ''
    case 'passed_again':
      return `${formatCounted(failures, 'failure')}, and passed since`
  }
}

function lastSeen({ last_bad }: Cause, present: number): string {
  return last_bad ? formatDay(last_bad.time, present) : 'before'
}

function decides(runs: Cause['more_runs']): string {
  if (!runs) return ''
  const parts = [
    ...(runs.if_fails
      ? [`${countWord(runs.if_fails)} more ${runs.if_fails === 1 ? 'decides' : 'decide'}`]
      : []),
    ...(runs.if_passes
      ? [`${countWord(runs.if_passes)} ${runs.if_passes === 1 ? 'pass clears' : 'passes clear'} it`]
      : []),
  ]
  return parts.length > 0 ? `: ${parts.join(', ')}` : ''
}
