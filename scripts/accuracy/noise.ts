// How well the server tells flaky tests from broken ones, and puts the failures of one cause together, by its answers.

import type { Client } from '../../test/support/client'
import type { Lab } from '../../test/support/labs/model'
import { FAILED, inOrder, PASSED, testcaseOf } from './naive'
import { LabelScore, PairScore, rounded } from './scores'

interface Flaky {
  testcase: string
  flaky: boolean
  rate: number
}

export class NoiseScores {
  private readonly flaky = new LabelScore()
  private readonly byFlips = new LabelScore()
  private readonly reasons = new PairScore()
  private readonly byText = new PairScore()

  /** @param client  of a server that has analysed the lab. */
  async add(client: Client, lab: Lab): Promise<void> {
    await this.addLabels(client, lab)
    await this.addReasons(client, lab)
  }

  /** Test cases that the culprit breaks now and then are neither flaky nor sound. */
  private async addLabels(client: Client, lab: Lab): Promise<void> {
    const rates = new Map(lab.truth.flaky.map(({ testcase, rate }) => [testcase, rate]))
    const doubtful = lab.truth.failRate < 1 ? new Set(lab.truth.affected) : new Set<string>()
    const told = new Map((await client.all('/flaky/?all=true')).map((one: Flaky) => [one.testcase, one]))
    for (const [testcase, flips] of flipsOf(lab)) {
      if (doubtful.has(testcase)) continue
      const truth = rates.get(testcase)
      const { flaky = false, rate = 0 } = told.get(testcase) ?? {}
      this.flaky.add(flaky, truth !== undefined, { told: rate, truth: truth ?? 0 })
      this.byFlips.add(flips >= 0.05, truth !== undefined, { told: flips, truth: truth ?? 0 })
    }
  }

  private async addReasons(client: Client, { jobs, truth }: Lab): Promise<void> {
    const texts = new Map(
      jobs.flatMap(({ id, tests }) => tests.map((test) => [`${id} ${testcaseOf(test.tag)}`, test])),
    )
    const items: { told: string; truth: number; text: string }[] = []
    for (const testcase of new Set(jobs.flatMap(({ tests }) => tests.map(({ tag }) => testcaseOf(tag))))) {
      for (const { job, template } of await failuresOf(client, testcase)) {
        const test = texts.get(`${job} ${testcase}`)
        const cause = test && truth.causes.get(job)?.get(test.tag)
        if (cause === undefined || template === null) continue
        items.push({ told: template, truth: cause, text: test?.fail_reason ?? '' })
      }
    }
    this.reasons.add(items)
    this.byText.add(items.map(({ truth, text }) => ({ truth, told: text })))
  }

  print(): void {
    console.log('Flaky tests, and their rates:')
    console.table({
      'this server': rounded(this.flaky.numbers),
      'changes between runs': rounded(this.byFlips.numbers),
    })
    console.log('Failures with one cause, by pairs:')
    console.table({
      'this server': rounded(this.reasons.numbers),
      'equal texts': rounded(this.byText.numbers),
    })
  }
}

interface Failure {
  job: string
  template: string | null
}

async function failuresOf(client: Client, testcase: string): Promise<Failure[]> {
  const path = `/tests/history/?testcase=${encodeURIComponent(testcase)}&outcome=failed&page_size=1000`
  const { status, body } = await client.get(path)
  if (status !== 200) throw new Error(`${path}: ${status} ${JSON.stringify(body)}`)
  return body.runs
}

/** How often each test case changed between passed and failed, whatever the host: the share of its runs. */
function flipsOf(lab: Lab): Map<string, number> {
  const outcomes = new Map<string, boolean[]>()
  for (const { tests } of inOrder(lab.jobs)) {
    for (const { tag, status } of tests) {
      const testcase = testcaseOf(tag)
      const before = outcomes.get(testcase) ?? []
      outcomes.set(testcase, before)
      if (FAILED.has(status)) before.push(true)
      else if (PASSED.has(status)) before.push(false)
    }
  }
  return new Map(
    [...outcomes].map(([testcase, failed]) => {
      const flips = failed.filter((one, at) => at > 0 && one !== failed[at - 1]).length
      return [testcase, flips / Math.max(1, failed.length - 1)]
    }),
  )
}
