// The made-up labs of test/support/labs: what they say of themselves is so.

import { expect, test } from 'bun:test'
import { maskReason } from '../../src/analysis/reasons/mask'
import { makeLab } from '../support/labs/make'
import { culprits, type Lab } from '../support/labs/model'

const END = Date.UTC(2026, 10, 24)
const labs = culprits.flatMap((culprit) =>
  [false, true].map((hard) => makeLab({ seed: 5, culprit, hard, end: END })),
)

const inOrder = ({ jobs }: Lab) => jobs.toSorted((a, b) => Date.parse(a.time) - Date.parse(b.time))
const testcaseOf = (tag: string) => tag.slice(tag.indexOf('-') + 1)

test('the same seed makes the same lab, and another one another', () => {
  const make = (seed: number) =>
    JSON.stringify(makeLab({ seed, culprit: 'package', end: END, jobs: 40 }).jobs)
  expect(make(7)).toBe(make(7))
  expect(make(7)).not.toBe(make(8))
})

test('jobs lie in the days before the end, and some arrive late', () => {
  for (const lab of labs) {
    const times = lab.jobs.map(({ time }) => Date.parse(time))
    expect(lab.jobs).toHaveLength(240)
    expect(new Set(lab.jobs.map(({ id }) => id)).size).toBe(240)
    expect(Math.max(...times)).toBeLessThan(END)
    expect(Math.min(...times)).toBeGreaterThan(END - 60 * 86_400_000)
    const late = times.filter((time, at) => time < Math.max(...times.slice(0, at + 1)))
    expect(late.length).toBeGreaterThan(10)
  }
})

test('each failure has a cause, and only failures have one', () => {
  for (const { jobs, truth } of labs) {
    for (const { id, tests } of jobs) {
      const failed = tests.filter(({ status }) => status === 'FAIL' || status === 'ERROR')
      expect([...(truth.causes.get(id)?.keys() ?? [])].sort()).toEqual(failed.map(({ tag }) => tag).sort())
    }
  }
})

test('nothing fails by the culprit before it was there, nor where it does not belong', () => {
  for (const lab of labs.filter(({ truth }) => truth.culprit !== 'none')) {
    const { truth } = lab
    const jobs = inOrder(lab)
    const began = jobs.findIndex(({ id }) => id === truth.firstBad)
    // A history before, and failures after.
    expect([began > 20, began < 230]).toEqual([true, true])
    const flaky = new Set(truth.flaky.map(({ testcase }) => testcase))
    const failures = jobs.flatMap((job, at) =>
      job.tests
        .filter(
          ({ tag }) => truth.causes.get(job.id)?.get(tag) === truth.cause && !flaky.has(testcaseOf(tag)),
        )
        .map(({ tag }) => ({ at, testcase: testcaseOf(tag), host: job.labels.host ?? '' })),
    )
    expect(failures.length).toBeGreaterThan(2)
    for (const { at, testcase, host } of failures) {
      expect(at).toBeGreaterThanOrEqual(began)
      expect(truth.affected).toContain(testcase)
      expect(Object.keys(truth.firstBadByHost)).toContain(host)
    }
  }
})

test('one cause has hardly more than one template, and no two causes share one', () => {
  for (const { jobs, truth } of labs) {
    const templates = new Map<number, Set<string>>()
    for (const { id, labels, tests } of jobs) {
      for (const { tag, fail_reason = '' } of tests) {
        const cause = truth.causes.get(id)?.get(tag)
        if (cause === undefined) continue
        const known = templates.get(cause) ?? new Set()
        templates.set(cause, known.add(maskReason(fail_reason, labels.host)))
      }
    }
    const all = [...templates.values()].flatMap((known) => [...known])
    expect(new Set(all).size).toBe(all.length)
    for (const known of templates.values()) expect(known.size).toBeLessThan(5)
  }
})
