// What the background does for known issues, a step at a time.

import type { Database } from '../../storage/database'
import { findIncidents, partsOfIncidents, storeIncidents } from './incidents'
import { waitingKnownIssuesQuery } from './marks'
import {
  findChangedRule,
  markRule,
  matchReasons,
  partsOfMatches,
  partsOfRule,
  storeMatches,
} from './matching'
import { storeSum, sumIncidents } from './sums'
import { sweepKnownIssues } from './sweep'

export class KnownIssueSteps {
  /** The last test case that was looked at. */
  private after = 0

  /** @param network  what its queries take turns as with those of clients. */
  constructor(
    private readonly database: Database,
    private readonly network: string,
  ) {}

  /** @returns whether there was something to do. */
  async take(): Promise<boolean> {
    const { database } = this
    const { sweep, match, mark, testcases, sum } = await database.read(waitingKnownIssuesQuery)
    if (sweep) await database.write(sweepKnownIssues, {})
    else if (match) await this.match()
    else if (mark) await this.mark()
    else if (testcases) await this.find()
    else if (sum) await this.sum()
    else return false
    return true
  }

  private async match(): Promise<void> {
    const found = await this.database.readInWorker(matchReasons, {}, undefined, this.network)
    if (found) for (const part of partsOfMatches(found)) await this.database.write(storeMatches, part)
  }

  private async mark(): Promise<void> {
    const rule = await this.database.readInWorker(findChangedRule, {}, undefined, this.network)
    if (rule) for (const part of partsOfRule(rule)) await this.database.write(markRule, part)
  }

  private async find(): Promise<void> {
    const argument = { after: this.after }
    const found = await this.database.readInWorker(findIncidents, argument, undefined, this.network)
    this.after = found.testcases.at(-1) ?? 0
    if (found.testcases.length === 0) return
    for (const part of partsOfIncidents(found)) await this.database.write(storeIncidents, part)
  }

  private async sum(): Promise<void> {
    const found = await this.database.readInWorker(sumIncidents, {}, undefined, this.network)
    if (found) await this.database.write(storeSum, found)
  }
}
