// Since when a test fails by the change point alone: passes, and failures with the reason that is asked about, on each
// host and distribution. It knows which failures have one cause, which the server has to find out; it looks at nothing
// else that the server looks at.

import { isUninformative } from '../../src/analysis/reasons/uninformative'
import { jobRows } from '../../src/analysis/since/job-rows'
import { regressionOf, regressionOfPlace } from '../../src/analysis/since/regression'
import type { Lab, LabJob, LabTest } from '../../test/support/labs/model'
import { type Asked, FAILED, inOrder, nameOf, PASSED } from './naive'

/** The tests that fail for a reason in fewer runs than this share of the test with the most do not tell. */
const LEAST_SHARE = 0.05

interface Run {
  position: number
  name: string
  place: string
  failed: boolean
  /** Of a failure: it has the reason that is asked about. */
  isAsked: boolean
}

/** The id of the first bad job; undefined: it tells of no regression. */
export function changePoint(lab: Lab, asked: Asked): string | undefined {
  const jobs = inOrder(lab.jobs)
  const reasonOf = reasonsOf(lab)
  const wanted = reasonOf(asked.job, asked.test)
  const runs = jobs.flatMap((job, position) =>
    job.tests.flatMap((test): Run[] => {
      const failed = FAILED.has(test.status)
      if (!failed && !PASSED.has(test.status)) return []
      const isAsked = failed && reasonOf(job, test) === wanted
      return [{ position, name: nameOf(test.tag), place: placeOf(lab, job), failed, isAsked }]
    }),
  )
  const position = firstBad(runs, namesWith(runs)) ?? firstBad(runs, new Set([asked.name]))
  return position === undefined ? undefined : jobs[position]?.id
}

/** What unites failures: the cause, or the test where the reason says nothing. */
function reasonsOf({ truth }: Lab): (job: LabJob, test: LabTest) => string {
  return (job, { tag, fail_reason = '' }) =>
    isUninformative(fail_reason) ? nameOf(tag) : String(truth.causes.get(job.id)?.get(tag))
}

function placeOf({ environments }: Lab, { labels, environment }: LabJob): string {
  const { name, version, release, arch } = environments[environment ?? -1]?.distro ?? {}
  return [labels.host, name, version, release, arch].join()
}

/** The tests that fail for the reason. */
function namesWith(runs: readonly Run[]): Set<string> {
  const failures = new Map<string, number>()
  for (const { name, isAsked } of runs) if (isAsked) failures.set(name, (failures.get(name) ?? 0) + 1)
  const least = Math.max(2, LEAST_SHARE * Math.max(0, ...failures.values()))
  const often = [...failures].filter(([, count]) => count >= least).map(([name]) => name)
  return new Set(often.length > 0 ? often : failures.keys())
}

function firstBad(runs: readonly Run[], names: ReadonlySet<string>): number | undefined {
  const told = runs.filter(({ name, failed, isAsked }) => names.has(name) && (!failed || isAsked))
  const places = [...Map.groupBy(told, ({ place }) => place).values()]
  const found = places.flatMap((ofPlace) => regressionOfPlace(jobRows(ofPlace)) ?? [])
  // A place where it never passed tells nothing of when it began.
  return regressionOf(found.filter(({ state }) => state !== 'never_passed')).firstBad?.position
}
