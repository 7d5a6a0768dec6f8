// Reads a lab from the files of labgen.py: environments.ndjson, jobs.ndjson in the order of arrival, truth.json.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Culprit, Lab, LabEnvironment, LabJob } from './model'

interface Truth {
  kind: Culprit
  affected_tests: string[]
  p_bad: number | null
  reason: number | null
  first_bad_job?: string | null
  first_failed_job?: string | null
  first_bad_by_host?: Record<string, string>
  host?: string
  since_day?: number
  parameter?: string
  flaky: { name: string; variant: string; rate: number }[]
  infra_nights: { day: number; hosts: string[] }[]
  /** By job and tag. */
  reasons: Record<string, Record<string, number>>
}

export function readLab(folder: string): Lab {
  const text = (name: string) => readFileSync(join(folder, name), 'utf8')
  const lines = (name: string) =>
    text(name)
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line))
  const environments = lines('environments.ndjson').map(({ index: _, ...body }): LabEnvironment => body)
  const jobs = lines('jobs.ndjson').map(({ environment, ...job }): LabJob => {
    // They are counted from 1 there.
    return environment === undefined ? job : { ...job, environment: environment - 1 }
  })
  return { environments, jobs: jobs.map(withoutEnvironments), truth: toTruth(JSON.parse(text('truth.json'))) }
}

/** All tests have the environment of their job. */
function withoutEnvironments(job: LabJob): LabJob {
  return {
    ...job,
    tests: job.tests.map(
      ({ environment: _, ...test }: LabJob['tests'][number] & { environment?: number }) => test,
    ),
  }
}

function toTruth(truth: Truth): Lab['truth'] {
  return {
    culprit: truth.kind,
    affected: truth.affected_tests,
    failRate: truth.p_bad ?? 0,
    ...(began(truth) && truth.first_bad_job && { firstBad: truth.first_bad_job }),
    ...(began(truth) && truth.first_failed_job && { firstFailed: truth.first_failed_job }),
    firstBadByHost: truth.first_bad_by_host ?? {},
    flaky: truth.flaky.map(({ name, variant, rate }) => ({ testcase: `${name};${variant}`, rate })),
    nights: truth.infra_nights.map(({ day, hosts }) => ({ day, hosts })),
    causes: new Map(Object.entries(truth.reasons).map(([job, tags]) => [job, new Map(Object.entries(tags))])),
    ...(truth.reason !== null && { cause: truth.reason }),
  }
}

/** Some culprits are there from the first job on. */
function began({ kind, since_day = 0 }: Truth): boolean {
  return ['package', 'kernel', 'interaction'].includes(kind) || since_day > 0
}

/** The lab with all times moved, so that its newest job began an hour before `end`, in milliseconds. */
export function movedTo(lab: Lab, end: number): Lab {
  const newest = Math.max(...lab.jobs.map(({ time }) => Date.parse(time)))
  // Whole days, so that nights stay nights.
  const by = Math.floor((end - 3_600_000 - newest) / 86_400_000) * 86_400_000
  const move = (time: string) => new Date(Date.parse(time) + by).toISOString()
  const jobs = lab.jobs.map((job) => ({
    ...job,
    time: move(job.time),
    tests: job.tests.map((test) =>
      test.started === undefined ? test : { ...test, started: move(test.started) },
    ),
  }))
  return { ...lab, jobs }
}
