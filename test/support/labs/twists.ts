// What labs have besides: jobs without the starts of tests, jobs that begin at one moment, wrong clocks, jobs without
// environment, second reports of a run, tests that run twice, failures that say nothing.

import type { Dice } from './dice'
import type { Lab, LabJob, LabTest } from './model'

/** A lab with all of these. Its truth is that of the lab before. */
export function withTwists(lab: Lab, dice: Dice): Lab {
  const jobs = lab.jobs.map((job, at): LabJob => {
    const next = lab.jobs[at + 1]
    if (at % 7 === 1) return withoutStarts(job)
    if (at % 7 === 2 && next) return { ...withoutStarts(job), time: next.time }
    if (at % 7 === 3) return withoutEnvironment(job)
    if (at % 14 === 4) return { ...withoutStarts(job), time: '1970-01-01T00:00:01Z' }
    if (at % 7 === 5) return { ...job, tests: job.tests.flatMap((test) => twice(test, dice)) }
    if (at % 7 === 6) return { ...job, tests: job.tests.map((test) => sayingNothing(test, dice)) }
    return job
  })
  const twins = jobs.filter((_, at) => at % 9 === 0).map((job) => secondReport(job, dice))
  return { ...lab, jobs: [...jobs, ...twins] }
}

function withoutStarts(job: LabJob): LabJob {
  return { ...job, tests: job.tests.map(({ started: _, ...test }) => test) }
}

function withoutEnvironment({ environment: _, ...job }: LabJob): LabJob {
  return job
}

/** As a tool writes it that knows neither starts nor packages. */
function secondReport(job: LabJob, dice: Dice): LabJob {
  return { ...withoutEnvironment(withoutStarts(job)), id: dice.hex(40), description: 'another report' }
}

/** A test that failed runs again at once, and passes mostly. */
function twice(test: LabTest, dice: Dice): LabTest[] {
  if (test.fail_reason === undefined) return [test]
  const { fail_reason: _, ...again } = { ...test, tag: test.tag.replace(/^\d+/, '$&b') }
  return [test, dice.chance(0.7) ? { ...again, status: 'PASS' } : { ...test, tag: again.tag }]
}

function sayingNothing(test: LabTest, dice: Dice): LabTest {
  return test.fail_reason === undefined || dice.chance(0.5) ? test : { ...test, fail_reason: '<unknown>' }
}
