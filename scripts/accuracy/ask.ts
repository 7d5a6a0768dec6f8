// What somebody would ask the server: since when does this test fail for this reason?

import type { Client } from '../../test/support/client'
import type { Lab } from '../../test/support/labs/model'
import { untilAnalysed } from '../../test/support/settled'
import { type Asked, inOrder, nameOf, testcaseOf } from './naive'

/** The last failure by the culprit. */
export function lastFailure({ jobs, truth }: Lab): Asked | undefined {
  const names = new Set(truth.affected.map((testcase) => testcase.replace(/;[^;]*$/, '')))
  for (const job of inOrder(jobs).toReversed()) {
    const causes = truth.causes.get(job.id)
    const test = job.tests.findLast(({ tag }) => causes?.get(tag) === truth.cause && names.has(nameOf(tag)))
    if (test) return { job, test, testcase: testcaseOf(test.tag), name: nameOf(test.tag) }
  }
  return undefined
}

/** Waits until the server has analysed all runs. */
export async function settled(client: Client): Promise<void> {
  await untilAnalysed(client)
}

interface Regression {
  testcase: string
  template: string | null
  state: string
  first_bad: { job: string; tests: number }
}

/**
 * The first bad job, by the server: that of the test's own regression with this reason. Where its own failures do not
 * show one, that of the other tests with the reason.
 *
 * @returns undefined: it tells of no such regression
 */
export async function firstBad(client: Client, { job, testcase }: Asked): Promise<string | undefined> {
  const history = await get(client, `/tests/history/?testcase=${encodeURIComponent(testcase)}&outcome=failed`)
  const run = history.runs.find((one: { job: string }) => one.job === job.id)
  if (!run) throw new Error(`The history of ${testcase} does not have job ${job.id}`)
  const all: Regression[] = await client.all('/regressions/')
  const alike = all
    .filter(({ template, state }) => template === run.template && state !== 'never_passed')
    .sort((a, b) => b.first_bad.tests - a.first_bad.tests)
  const own = alike.filter((one) => one.testcase === testcase)
  const told = own.find(({ state }) => state !== 'fixed') ?? own[0] ?? alike[0]
  return told?.first_bad.job
}

async function get(client: Client, path: string) {
  const { status, body } = await client.get(path)
  if (status !== 200) throw new Error(`${path}: ${status} ${JSON.stringify(body)}`)
  return body
}
