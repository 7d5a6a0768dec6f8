// Wilson's interval of a share: https://en.wikipedia.org/wiki/Binomial_proportion_confidence_interval#Wilson_score_interval

/** Leaves 5 % on each side. */
const Z = 1.645

export interface Interval {
  low: number
  high: number
}

/** The interval of 90 % for the share of which `count` of `total` is a sample. Both may be fractions. */
export function wilsonInterval(count: number, total: number): Interval {
  if (total === 0) return { low: 0, high: 1 }
  const share = count / total
  const square = (Z * Z) / total
  const middle = share + square / 2
  const width = Math.sqrt(square * (share * (1 - share) + square / 4))
  return {
    low: Math.max(0, (middle - width) / (1 + square)),
    high: Math.min(1, (middle + width) / (1 + square)),
  }
}
