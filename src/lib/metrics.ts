// How a feature declares its metrics. operations/monitoring/ exports all of them to Prometheus.

import type { Histogram } from './histogram'

export interface MetricDescription {
  name: string
  help: string
  labels?: string[]
}

/** A value for every combination of labels. */
export type Values<T> = () => Measured<T> | Promise<Measured<T>>
type Measured<T> = Iterable<readonly [labels: Record<string, string>, value: T]>

/** The values are read at each request for the metrics. */
export type Metric = MetricDescription &
  ({ type: 'gauge' | 'counter'; values: Values<number> } | { type: 'histogram'; values: Values<Histogram> })

/** A value that goes up and down. */
export function gauge(description: MetricDescription, values: Values<number>): Metric {
  return { ...description, type: 'gauge', values }
}

/** A value that only grows. */
export function counter(description: MetricDescription, values: Values<number>): Metric {
  return { ...description, type: 'counter', values }
}

export function histogram(description: MetricDescription, values: Values<Histogram>): Metric {
  return { ...description, type: 'histogram', values }
}

/** The value of a metric without labels; undefined: unknown now. */
export function one<T>(value: () => T | undefined): Values<T> {
  return () => {
    const measured = value()
    return measured === undefined ? [] : [[{}, measured]]
  }
}
