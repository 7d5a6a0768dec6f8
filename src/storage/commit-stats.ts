// Figures of all commits since the start, for the metrics.

import { Histogram } from '../lib/histogram'
import type { Commit, CommitStats } from './sqlite/writer'

const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5]

export class CommitHistograms {
  /** How many changes shared a commit. */
  readonly changes = new Histogram([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024])
  /** From the start of a transaction until it was on disk. */
  readonly seconds = new Histogram(SECONDS)
  /** The part of `seconds` that waited for the disk. */
  readonly diskSeconds = new Histogram(SECONDS)
  /** Transactions that could not begin, or were lost as a whole. */
  failures = 0

  add(commit: Commit | undefined, stats: CommitStats | undefined): void {
    if (!stats) this.failures++
    if (!stats || !commit) return // every change was refused: nothing went to the disk
    this.changes.add(stats.changes)
    this.seconds.add(stats.seconds)
    this.diskSeconds.add(stats.diskSeconds)
  }
}
