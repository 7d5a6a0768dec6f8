// How commits have gone since the start: what the metrics are made of.

import { Histogram } from '../lib/histogram'
import type { Commit, CommitStats } from './sqlite/writer'

const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5]

export class CommitHistograms {
  /** Changes that shared a commit. */
  readonly changes = new Histogram([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024])
  /** From the beginning of a transaction until it was on disk. */
  readonly seconds = new Histogram(SECONDS)
  /** The part of that which waited for the disk. */
  readonly diskSeconds = new Histogram(SECONDS)
  /** Transactions that could not begin, or were lost as a whole. */
  failures = 0

  add(commit: Commit | undefined, stats: CommitStats | undefined): void {
    if (!stats) this.failures++
    if (!stats || !commit) return // all that was asked for was refused: nothing went to the disk
    this.changes.add(stats.changes)
    this.seconds.add(stats.seconds)
    this.diskSeconds.add(stats.diskSeconds)
  }
}
