// Counts imports by format and outcome since the server started, for the metrics.

import type { ImportFormat } from './formats/registry'

/** `stored`: at least one job; `refused`: the sender can correct it; `failed`: an error of the server. */
export type ImportOutcome = 'stored' | 'refused' | 'failed'

export interface ImportCount {
  /** `unknown`: the format was not recognised. */
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
