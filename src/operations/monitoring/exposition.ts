// What prom-client is handed when somebody asks for the metrics: numbers that were added up elsewhere.

import { Counter, Gauge, Histogram as PromHistogram, Registry } from 'prom-client'
import type { Histogram } from '../../lib/histogram'

export interface Description {
  name: string
  help: string
  labels?: string[]
}

/** A value for every combination of labels that there is. */
export type Values<T> = () => Iterable<readonly [labels: Record<string, string>, value: T]>

type Failed = (error: unknown, name: string) => void

export class Exposition {
  private readonly registry = new Registry()

  /** @param failed  is told when something cannot be measured: it is left out then, and all else is there. */
  constructor(private readonly failed: Failed) {}

  get contentType(): string {
    return this.registry.contentType
  }

  /** In the text format of Prometheus. */
  text(): Promise<string> {
    return this.registry.metrics()
  }

  /** What goes up and down. */
  gauge(about: Description, values: Values<number>): void {
    const measure = this.guarded(about, values)
    new Gauge({
      ...this.configure(about),
      collect() {
        this.reset()
        this.remove({}) // without labels there is a zero now
        for (const [labels, value] of measure()) this.set(labels, value)
      },
    })
  }

  /** What only grows. */
  counter(about: Description, values: Values<number>): void {
    const measure = this.guarded(about, values)
    new Counter({
      ...this.configure(about),
      collect() {
        this.reset()
        for (const [labels, value] of measure()) this.inc(labels, value)
      },
    })
  }

  histogram(about: Description, values: Values<Histogram>): void {
    new CountedHistogram(this.configure(about), this.guarded(about, values))
  }

  private configure({ name, help, labels = [] }: Description) {
    return { name, help, labelNames: labels, registers: [this.registry] }
  }

  private guarded<T>({ name }: Description, values: Values<T>): Values<T> {
    return () => {
      try {
        return [...values()]
      } catch (error) {
        this.failed(error, name)
        return []
      }
    }
  }
}

/** prom-client's own counts each value when it is measured, which takes too long for that. */
class CountedHistogram extends PromHistogram {
  constructor(
    private readonly about: ConstructorParameters<typeof PromHistogram>[0],
    private readonly measure: Values<Histogram>,
  ) {
    super(about)
  }

  /** What the registry asks of a histogram; the types of prom-client leave it out. */
  async getForPromString() {
    const { name, help } = this.about
    const values = [...this.measure()].flatMap(([labels, { bounds, counts, sum }]) => {
      let total = 0
      const buckets = counts.map((count, at) => {
        total += count
        return { metricName: `${name}_bucket`, labels: { ...labels, le: bounds[at] ?? '+Inf' }, value: total }
      })
      return [
        ...buckets,
        { metricName: `${name}_sum`, labels, value: sum },
        { metricName: `${name}_count`, labels, value: total },
      ]
    })
    return { name, help, type: 'histogram', values }
  }
}
