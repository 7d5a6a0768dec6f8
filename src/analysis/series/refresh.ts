// The background that keeps up to date what is derived from runs. It begins a moment after a commit, works in small
// steps, and rests after each at least as long as it took, so that requests do not wait for it.

import { setTimeout as sleep } from 'node:timers/promises'
import type { Microseconds } from '../../lib/time'
import { endJobs, findOverJobs, MAX_ENDED } from '../../results/core/endings'
import type { Database } from '../../storage/database'
import { ReaderClosed } from '../../storage/errors'
import { judgeMarked, storeVerdicts } from '../infrastructure/background'
import { KnownIssueSteps } from '../known-issues/steps'
import { clustersWaitQuery, findClusters, storeClusters } from '../reasons/clusters'
import { locateMarked, storeBeginnings } from '../regressions/beginnings'
import { findDuplicates, storeDuplicates } from './duplicates'
import {
  findInterrupted,
  markDue,
  markTestcases,
  markTestsOfJobs,
  nextMarkedJobs,
  waitingWorkQuery,
} from './marks'
import { type Analysis, analyseMarked, analyseUnfilled, findFilling, storeAnalysis } from './queries'

/** Changes that come within this time, in milliseconds, are analysed together. */
const DELAY_MS = 50
/** How often it looks without a commit: windows move on, and other processes write. */
const INTERVAL_MS = 60_000
/** What takes turns with the long queries of clients. */
const NETWORK = 'analysis'
/** How often it looks for jobs that are over, in milliseconds. */
const ENDINGS_MS = 5000
/** How long it rests after a step, in times of the step: while others write, and else. */
const REST_WHILE_BUSY = 4
const REST = 1
/** Others write if they did so within this time, in milliseconds. */
const BUSY_MS = 250
/** Differences that one write stores. They take the writer a few milliseconds. */
const MAX_DIFFERENCES = 20

/** What the background works with. */
export interface Background {
  database: Database
  clock: () => Microseconds
}

/** Runs until `stop` is aborted. */
export async function refreshWhileServing(given: Background, stop: AbortSignal): Promise<void> {
  const { database } = given
  const steps = new Steps(given)
  let wake = () => {}
  let busyUntil = 0
  let lastJobChange = Number.NEGATIVE_INFINITY
  const unsubscribe = database.subscribe(
    ({ changes }) => {
      if (changes === 'unknown' || changes.some(({ kind }) => kind === 'job')) {
        busyUntil = performance.now() + BUSY_MS
        lastJobChange = performance.now()
      }
      // What it stores itself changes nothing that it reads.
      if (changes === 'unknown' || changes.length === 0 || changes.some(({ kind }) => kind !== 'analysis'))
        wake()
    },
    () => wake(),
  )
  stop.addEventListener('abort', () => wake())
  try {
    while (!stop.aborted) {
      const woken = new Promise<void>((resolve) => {
        wake = resolve
      })
      await work(steps, stop, () => (performance.now() < busyUntil ? REST_WHILE_BUSY : REST))
      const timer = new AbortController()
      await Promise.race([
        woken,
        sleep(steps.knowsEndings(lastJobChange) ? INTERVAL_MS : ENDINGS_MS, undefined, {
          ref: false,
          signal: timer.signal,
        }).catch(() => {}),
      ])
      timer.abort()
      if (!stop.aborted) await sleep(DELAY_MS)
    }
  } catch (error) {
    if (!(error instanceof ReaderClosed) && !database.closed) throw error
  } finally {
    unsubscribe()
  }
}

/** Analyses all that is marked, then all that an upgrade left, without a rest. For commands and tests. */
export async function refresh(given: Background): Promise<void> {
  await work(new Steps(given), undefined, () => 0)
}

/** @param rest  how long it rests after a step, in times of the step. */
async function work(steps: Steps, stop: AbortSignal | undefined, rest: () => number): Promise<void> {
  while (!stop?.aborted) {
    const since = performance.now()
    if (!(await steps.take())) return
    await sleep((performance.now() - since) * rest())
  }
}

class Steps {
  /** The last test case that was analysed. Going round keeps one that changes all the time from holding up others. */
  private after = 0
  private afterTemplate = 0
  private lookedForEndings = Number.NEGATIVE_INFINITY
  private readonly knownIssues: KnownIssueSteps

  constructor(private readonly given: Background) {
    this.knownIssues = new KnownIssueSteps(given.database, NETWORK)
  }

  /** Whether it has looked for jobs that are over since something changed. */
  knowsEndings(lastJobChange: number): boolean {
    return this.lookedForEndings > lastJobChange
  }

  /** @returns whether there may be more to do. */
  async take(): Promise<boolean> {
    const { database, clock } = this.given
    const now = clock()
    if (performance.now() > this.lookedForEndings + ENDINGS_MS) await this.endJobs()
    const { jobs, verdicts, testcases, templates, due } = await database.read(waitingWorkQuery, now)
    if (jobs) await this.markJobs()
    // Which runs count is known before they are analysed.
    else if (verdicts) await database.write(storeVerdicts, await this.judge())
    else if (testcases) await this.analyseMarked()
    else if (due) await database.write(markDue, { now })
    else if (!(await this.fill())) {
      if (await database.read(clustersWaitQuery)) return this.cluster()
      // Late, because one template takes as long as several test cases, and each of its test cases marks it again.
      if (!templates) return this.knownIssues.take()
      await this.locate()
    }
    return true
  }

  /** Ends jobs that are over, and looks for other reports of them. */
  private async endJobs(): Promise<void> {
    const { database, clock } = this.given
    const now = clock()
    const jobs = await database.read(findOverJobs, now)
    if (jobs.length < MAX_ENDED) this.lookedForEndings = performance.now()
    if (jobs.length === 0) return
    await database.write(endJobs, { jobs, now })
    await this.compareReports(jobs)
    const testcases = await database.readInWorker(findInterrupted, { jobs }, undefined, NETWORK)
    if (testcases.length > 0) await database.write(markTestcases, { testcases })
  }

  /** Marks the tests of jobs that changed as a whole: they may have become other reports of a job, or ceased to be. */
  private async markJobs(): Promise<void> {
    const { database } = this.given
    await this.compareReports(await database.read(nextMarkedJobs))
    await database.write(markTestsOfJobs, {})
  }

  /** Looks for other reports of some jobs. */
  private async compareReports(jobs: number[]): Promise<void> {
    const { database } = this.given
    for (let at = 0; at < jobs.length; ) {
      const argument = { jobs: jobs.slice(at) }
      const { duplicates, lookedAt } = await database.readInWorker(
        findDuplicates,
        argument,
        undefined,
        NETWORK,
      )
      if (duplicates.length > 0) await database.write(storeDuplicates, { duplicates })
      at += lookedAt
    }
  }

  private async judge() {
    return this.given.database.readInWorker(judgeMarked, {}, undefined, NETWORK)
  }

  private async analyseMarked(): Promise<void> {
    const { database, clock } = this.given
    const argument = { now: clock(), after: this.after }
    const analysis = await database.readInWorker(analyseMarked, argument, undefined, NETWORK)
    this.after = analysis.testcases.at(-1) ?? 0
    await this.store(analysis)
  }

  private async cluster(): Promise<true> {
    const { database, clock } = this.given
    const clusters = await database.readInWorker(findClusters, { now: clock() }, undefined, NETWORK)
    if (clusters) await database.write(storeClusters, clusters)
    return true
  }

  private async locate(): Promise<void> {
    const { database, clock } = this.given
    const argument = { now: clock(), after: this.afterTemplate }
    const located = await database.readInWorker(locateMarked, argument, undefined, NETWORK)
    this.afterTemplate = located?.template ?? 0
    if (located) await database.write(storeBeginnings, located)
  }

  /** The next step of the filling. @returns whether there was one */
  private async fill(): Promise<boolean> {
    const { database, clock } = this.given
    const filling = await database.read(findFilling)
    if (!filling) return false
    const argument = { now: clock(), filling }
    const analysis = await database.readInWorker(analyseUnfilled, argument, undefined, NETWORK)
    const testcase = analysis.testcases.at(-1)
    await this.store(analysis, testcase === undefined ? null : { ...filling, testcase })
    return true
  }

  /** Stores an analysis in writes of a few milliseconds. The marks go with the last one. */
  private async store(analysis: Analysis, filling?: { testcase: number; of: number } | null): Promise<void> {
    const { database, clock } = this.given
    const { differences, templates, testcases, change, incidents } = analysis
    if (testcases.length === 0 && filling === undefined) return
    for (let at = 0; at === 0 || at < differences.length; at += MAX_DIFFERENCES) {
      const isLast = at + MAX_DIFFERENCES >= differences.length
      const part = {
        change,
        differences: differences.slice(at, at + MAX_DIFFERENCES),
        templates: at === 0 ? templates : [],
        testcases: isLast ? testcases : [],
        incidents: isLast ? incidents : [],
      }
      await database.write(storeAnalysis, {
        analysis: part,
        now: clock(),
        ...(isLast && filling !== undefined && { filling }),
      })
    }
  }
}
