// Keeps the jobs that the last commits changed, so that a reader that reconnects gets the changes that it missed.

import { changedIds } from '../storage/change-feed'
import type { Commit } from '../storage/database'
import { type NoteKind, noteKinds, noteKindsIn } from './model'

const MAX_COMMITS = 1000

export class CommitHistory {
  private readonly commits: { change: number; jobs: number[] }[] = []
  /** The last commit that changed notes of each kind. */
  private readonly noted = new Map<NoteKind, number>()

  /** @param latest  the number of the last commit so far. Earlier commits are unknown. */
  constructor(
    public latest: number,
    private since = latest,
  ) {}

  add({ change, changes }: Commit): void {
    const jobs = changedIds(changes, 'job')
    this.latest = change
    for (const kind of noteKindsIn(changes)) this.noted.set(kind, change)
    if (jobs === 'unknown') {
      this.commits.length = 0
      this.since = change
    }
    if (jobs === 'unknown' || jobs.length === 0) return
    this.commits.push({ change, jobs })
    if (this.commits.length > MAX_COMMITS) this.since = this.commits.shift()?.change ?? this.since
  }

  /** The kinds of notes that changed after the commit `change`. */
  notesAfter(change: number): NoteKind[] {
    return noteKinds.filter((kind) => (this.noted.get(kind) ?? 0) > change)
  }

  /** The jobs that changed after the commit `change`. @returns undefined when that is not known */
  jobsAfter(change: number): Set<number> | undefined {
    if (change < this.since || change > this.latest) return undefined
    const missed = this.commits.filter((commit) => commit.change > change)
    return new Set(missed.flatMap(({ jobs }) => jobs))
  }
}
