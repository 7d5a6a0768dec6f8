// How imports have ended since the start: what the metrics are made of.

import type { ImportFormat } from './formats/registry'

/** `stored`: a job of it at least; `refused`: the sender can mend it; `failed`: we could not. */
export type ImportOutcome = 'stored' | 'refused' | 'failed'

export interface ImportCount {
  /** `unknown` where its beginning did not tell. */
  format: ImportFormat | 'unknown'
  outcome: ImportOutcome
  count: number
}

export class ImportMetrics {
  private readonly counts = new Map<string, ImportCount>()

  add(format: ImportFormat | 'unknown' = 'unknown', outcome: ImportOutcome): void {
    const key = `${format} ${outcome}`
    const counted = this.counts.get(key) ?? { format, outcome, count: 0 }
    counted.count++
    this.counts.set(key, counted)
  }

  all(): IteratorObject<ImportCount> {
    return this.counts.values()
  }
}
