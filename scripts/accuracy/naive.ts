// Ways to say since when a test fails that look at nothing but failed and passed: what the answers of the server are
// compared with. Each gets the jobs in the order of time and returns the id of a job.

import type { LabJob, LabTest } from '../../test/support/labs/model'

/** The failure that somebody asks about. */
export interface Asked {
  job: LabJob
  test: LabTest
  /** As in the tag, without its number. */
  testcase: string
  /** Without the variant. */
  name: string
}

type Way = (jobs: readonly LabJob[], asked: Asked) => string | undefined

export const FAILED = new Set(['FAIL', 'ERROR'])
export const PASSED = new Set(['PASS', 'WARN'])

const byTime = (a: LabJob, b: LabJob) => Date.parse(a.time) - Date.parse(b.time) || (a.id < b.id ? -1 : 1)

export const inOrder = (jobs: readonly LabJob[]): LabJob[] => jobs.toSorted(byTime)

export const testcaseOf = (tag: string) => tag.slice(tag.indexOf('-') + 1)
export const nameOf = (tag: string) => testcaseOf(tag).replace(/;[^;]*$/, '')

interface Run {
  id: string
  host: string | undefined
  failed: boolean
}

/** One for each job in which a test of this kind ran; it failed if one of them did. */
function runsOf(jobs: readonly LabJob[], isMeant: (tag: string) => boolean): Run[] {
  return jobs.flatMap(({ id, labels, tests }) => {
    const statuses = tests.filter(({ tag }) => isMeant(tag)).map(({ status }) => status)
    const failed = statuses.some((status) => FAILED.has(status))
    return failed || statuses.some((status) => PASSED.has(status)) ? [{ id, host: labels.host, failed }] : []
  })
}

/** The first run of the streak of failures that the last run belongs to. */
function openStreak(runs: readonly Run[]): Run | undefined {
  return runs[runs.findLastIndex(({ failed }) => !failed) + 1]
}

export const ways: Record<string, Way> = {
  'first failure ever': (jobs, { name }) =>
    runsOf(jobs, (tag) => nameOf(tag) === name).find(({ failed }) => failed)?.id,

  'after the last pass': (jobs, { name }) => openStreak(runsOf(jobs, (tag) => nameOf(tag) === name))?.id,

  'open streak': (jobs, { name }) => {
    const byHost = Map.groupBy(
      runsOf(jobs, (tag) => nameOf(tag) === name),
      ({ host }) => host,
    )
    const starts = new Set([...byHost.values()].flatMap((runs) => openStreak(runs)?.id ?? []))
    return jobs.find(({ id }) => starts.has(id))?.id
  },

  'last good, first bad': (jobs, { job, testcase }) => {
    const runs = runsOf(jobs, (tag) => testcaseOf(tag) === testcase).filter(
      ({ host }) => host === job.labels.host,
    )
    const until = runs.slice(0, runs.findIndex(({ id }) => id === job.id) + 1)
    return openStreak(until)?.id
  },
}
