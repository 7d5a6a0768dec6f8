// Counts the parts of a file that are not stored, for one warning for each kind.

import type { FileReading } from '../reading'

/** More kinds than this are counted together. */
const MAX_KINDS = 20
const MAX_LENGTH = 60

export class LeftOut {
  private readonly counts = new Map<string, number>()
  private others = 0

  add(kind: string): void {
    const count = this.counts.get(kind)
    if (count === undefined && this.counts.size >= MAX_KINDS) this.others++
    else this.counts.set(kind, (count ?? 0) + 1)
  }

  /** Counts an element that is not stored. @param owner  the name of the element around it */
  element(name: string, owner: string): void {
    this.add(`<${name.slice(0, MAX_LENGTH)}> in <${owner.slice(0, MAX_LENGTH)}>`)
  }

  warn(reading: FileReading): void {
    for (const [kind, count] of this.counts) {
      reading.warn(`${kind} is not known here, and was left out${count === 1 ? '' : ` (${count} times)`}.`)
    }
    if (this.others > 0) reading.warn(`${this.others} other things are not known here, and were left out.`)
  }
}
