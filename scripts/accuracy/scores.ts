// How good labels and groups are, against the truth.

/** Labels that are right or wrong: is this test flaky? */
export class LabelScore {
  private hits = 0
  private wrong = 0
  private missed = 0
  private error = 0
  private rates = 0

  /** @param rates  of one that has the label in truth: the estimate, and what is true. */
  add(told: boolean, truth: boolean, rates?: { told: number; truth: number }): void {
    if (told && truth) this.hits++
    else if (told) this.wrong++
    else if (truth) this.missed++
    if (!truth || !rates) return
    this.error += Math.abs(rates.told - rates.truth)
    this.rates++
  }

  get numbers() {
    return {
      precision: share(this.hits, this.hits + this.wrong),
      recall: share(this.hits, this.hits + this.missed),
      F1: share(2 * this.hits, 2 * this.hits + this.wrong + this.missed),
      'error of the rate': share(this.error, this.rates),
    }
  }
}

/** Groups of items, by pairs: are two in one group that belong together? The mean over several sets of items. */
export class PairScore {
  private precision = 0
  private recall = 0
  private sets = 0

  /** @param items  of one set: the group that each is in, and the one where it belongs. */
  add(items: readonly { told: string | number; truth: string | number }[]): void {
    const both = pairsOf(items.map(({ told, truth }) => `${truth} ${told}`))
    const told = pairsOf(items.map(({ told }) => `${told}`))
    const truth = pairsOf(items.map(({ truth }) => `${truth}`))
    this.precision += told === 0 ? 1 : both / told
    this.recall += truth === 0 ? 1 : both / truth
    this.sets++
  }

  get numbers() {
    const precision = share(this.precision, this.sets)
    const recall = share(this.recall, this.sets)
    return { precision, recall, F1: share(2 * precision * recall, precision + recall) }
  }
}

function pairsOf(groups: readonly string[]): number {
  let pairs = 0
  for (const members of Map.groupBy(groups, (group) => group).values())
    pairs += (members.length * (members.length - 1)) / 2
  return pairs
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole
}

/** Numbers for a table, with four digits. */
export function rounded<T extends Record<string, number>>(numbers: T): Record<keyof T, string> {
  return Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, value.toFixed(4)])) as never
}
