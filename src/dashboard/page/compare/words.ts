// A comparison of two jobs in words.

import type { ComparedTest, Comparison } from '../api'
import { formatCount, formatCounted, formatDay, formatHour, formatShare, now } from '../format'
import type { Tone } from '../statuses'

interface ClassMeaning {
  label: string
  /** The shape of its icon where it is not that of the tone. */
  icon?: 'wave' | 'clock' | 'plus' | 'question'
  tone: Tone | 'plain'
}

/** In the order in which the API lists them. */
export const classMeanings: Record<keyof Comparison['counts'], ClassMeaning> = {
  regression: { label: 'Regression', tone: 'fail' },
  unconfirmed: { label: 'Perhaps new', tone: 'fail', icon: 'question' },
  flaky: { label: 'Flaky', tone: 'plain', icon: 'wave' },
  known_issue: { label: 'Known issue', tone: 'plain' },
  still_failing: { label: 'Still failing', tone: 'fail' },
  fixed: { label: 'Fixed', tone: 'pass' },
  fixed_unsure: { label: 'Perhaps fixed', tone: 'pass', icon: 'question' },
  slower: { label: 'Slower', tone: 'warn', icon: 'clock' },
  faster: { label: 'Faster', tone: 'pass', icon: 'clock' },
  missing: { label: 'Missing', tone: 'none' },
  new_test: { label: 'New test', tone: 'plain', icon: 'plus' },
  not_comparable: { label: 'Not comparable', tone: 'skip' },
  unchanged: { label: 'Unchanged', tone: 'none' },
}

export type ClassName = keyof typeof classMeanings
export const classNames = Object.keys(classMeanings) as ClassName[]

/** What is no change, and so is not shown unless it is asked for. */
const QUIET: ClassName[] = ['known_issue', 'still_failing', 'unchanged']

export function countChanged({ counts }: Pick<Comparison, 'counts'>): number {
  return classNames.reduce((sum, name) => sum + (QUIET.includes(name) ? 0 : counts[name]), 0)
}

/** The answer in a sentence: how many tests broke, and between when and when, or between where and where. */
export function headlineOf(comparison: Comparison): string {
  const { counts, jobs } = comparison
  if (!jobs.base) return 'No earlier job to compare with'
  const between = betweenOf({ base: jobs.base, job: jobs.job })
  if (counts.regression > 0) return `${formatCounted(counts.regression, 'test')} broke ${between}`
  if (counts.unconfirmed > 0) return `${formatCounted(counts.unconfirmed, 'test')} perhaps broke ${between}`
  return countChanged(comparison) === 0 ? `Nothing changed ${between}` : `Nothing broke ${between}`
}

type ComparedJob = Comparison['jobs']['job']

function betweenOf({ base, job }: { base: ComparedJob; job: ComparedJob }): string {
  const [from, to] = [base, job].map(({ time }) => formatDay(time, now.value)) as [string, string]
  const days =
    from === to
      ? `between ${formatHour(base.time)} and ${formatHour(job.time)} on ${to}`
      : `between ${from} and ${to}`
  if (base.host === job.host) return job.host === null ? days : `${days}, on ${job.host}`
  return `between ${base.host ?? 'an unknown host'} and ${job.host ?? 'an unknown host'}`
}

/** What else there is to know at a glance. */
export function noteOf(comparison: Comparison): string {
  const { counts, reasons, jobs } = comparison
  if (!jobs.base) return ''
  const sentences = [
    counts.regression > 1 &&
      (reasons === 1
        ? `All ${formatCount(counts.regression)} with one reason.`
        : `They have ${formatCount(reasons)} reasons.`),
    counts.regression > 0 &&
      counts.unconfirmed > 0 &&
      `${formatCount(counts.unconfirmed)} more perhaps broke.`,
    counts.still_failing > 0 && `${formatCount(counts.still_failing)} failed before, too.`,
    counts.fixed > 0 && `${counts.fixed === 1 ? '1 was' : `${formatCount(counts.fixed)} were`} fixed.`,
    environmentNote(comparison),
  ]
  return sentences.filter((sentence) => sentence).join(' ')
}

function environmentNote({ environment, jobs }: Comparison): string {
  if (!environment) {
    const unknown = [jobs.base, jobs.job].flatMap((job) =>
      job && job.environment === null ? job.number : [],
    )
    return unknown.length === 2 ? 'What they ran on is unknown.' : `What job ${unknown[0]} ran on is unknown.`
  }
  const { changed, added, removed, same } = environment.counts
  const kernels = environment.changed.filter(({ kind }) => kind === 'kernel').length
  const packages = changed - kernels
  const parts = [
    kernels > 0 && 'the kernel',
    packages > 0 && `${formatCount(packages)} of ${formatCounted(packages + same, 'package')}`,
  ].filter((part) => part !== false)
  const more = [
    added > 0 && `${formatCount(added)} added`,
    removed > 0 && `${formatCount(removed)} removed`,
  ].filter((part) => part !== false)
  if (parts.length + more.length === 0) {
    return environment.distro ? 'The distribution changed.' : 'The environment is the same.'
  }
  const changes = parts.length > 0 ? `${parts.join(' and ')} changed` : ''
  const sentence = [changes, ...more].filter((part) => part !== '').join(', ')
  return `${sentence[0]?.toUpperCase()}${sentence.slice(1)}.`
}

/** What a group of tests of one class has in common besides the reason. */
export function groupNote(name: ClassName): string | undefined {
  if (name === 'slower' || name === 'faster') return 'Beyond the noise of the last 20 runs'
  if (name === 'fixed_unsure') return 'The failures may have been a flake'
  if (name === 'not_comparable') return 'Skipped, cancelled or interrupted in one of them'
  return undefined
}

/** What one more run would tell of a failure: `Regression with 93 %; one more failure decides`. */
export function decisionOf({ probability, more_runs, flake_rate, streak }: ComparedTest): string | undefined {
  if (!more_runs || probability === null) return undefined
  const sure = `A regression with ${formatShare(probability)}`
  const history = flake_rate === undefined ? '' : `; it fails in ${formatShare(flake_rate)} of its runs`
  const so = streak !== undefined && streak > 1 ? `${sure} after ${streak} failures in a row` : sure
  const { if_fails: fails, if_passes: passes } = more_runs
  const decides =
    fails === null ? '' : `. ${fails === 1 ? 'One more failure' : `${fails} more failures`} would decide`
  const clears =
    passes === null || decides === '' ? '' : `, or ${passes === 1 ? 'one pass' : `${passes} passes`}`
  return `${so}${history}${decides}${clears}.`
}
