// A rate with its interval: the bar is as long as the interval, the mark is the rate.

import { formatShare } from '../format'

interface Props {
  rate: number
  low: number
  high: number
  /** The end of the scale, which all rows share. */
  widest: number
}

export function IntervalBar({ rate, low, high, widest }: Props) {
  const place = (share: number) => `${(100 * Math.min(1, share / widest)).toFixed(2)}%`
  const text = `${formatShare(rate)}, with 90 % between ${formatShare(low)} and ${formatShare(high)}`
  return (
    <span class="interval" title={text}>
      <b>{formatShare(rate)}</b>
      <span class="visually-hidden">
        , with 90 % between {`${formatShare(low)} and ${formatShare(high)}`}
      </span>
      <svg aria-hidden="true" class="interval-bar" width="100%" height="14">
        <line class="interval-scale" x1="0" x2="100%" y1="7" y2="7" />
        <line class="interval-range" x1={place(low)} x2={place(high)} y1="7" y2="7" />
        <circle class="interval-mark" cx={place(rate)} cy="7" r="4" />
      </svg>
    </span>
  )
}
