// Writes the metrics of all features in the text format of Prometheus, with prom-client.

import { Counter, Gauge, Histogram as PromHistogram, Registry } from 'prom-client'
import type { Histogram } from '../../lib/histogram'
import type { Metric, MetricDescription, Values } from '../../lib/metrics'

type OnFailure = (error: unknown, name: string) => void

export class Exposition {
  private readonly registry = new Registry()

  /** @param onFailure  called when a metric cannot be measured. The metric is left out, and the others are shown. */
  constructor(
    metrics: readonly Metric[],
    private readonly onFailure: OnFailure,
  ) {
    for (const metric of metrics) {
      if (metric.type === 'histogram') {
        new CountedHistogram(this.configure(metric), this.guarded(metric, metric.values))
      } else if (metric.type === 'gauge') this.addGauge(metric, metric.values)
      else this.addCounter(metric, metric.values)
    }
  }

  get contentType(): string {
    return this.registry.contentType
  }

  text(): Promise<string> {
    return this.registry.metrics()
  }

  private addGauge(about: MetricDescription, values: Values<number>): void {
    const measure = this.guarded(about, values)
    new Gauge({
      ...this.configure(about),
      async collect() {
        const measured = await measure()
        this.reset()
        this.remove({}) // reset() has added a zero without labels
        for (const [labels, value] of measured) this.set(labels, value)
      },
    })
  }

  private addCounter(about: MetricDescription, values: Values<number>): void {
    const measure = this.guarded(about, values)
    new Counter({
      ...this.configure(about),
      async collect() {
        const measured = await measure()
        this.reset()
        for (const [labels, value] of measured) this.inc(labels, value)
      },
    })
  }

  private configure({ name, help, labels = [] }: MetricDescription) {
    return { name, help, labelNames: labels, registers: [this.registry] }
  }

  private guarded<T>({ name }: MetricDescription, values: Values<T>): Values<T> {
    return async () => {
      try {
        return [...(await values())]
      } catch (error) {
        this.onFailure(error, name)
        return []
      }
    }
  }
}

/** Exposes our own counts. prom-client's histogram counts each value itself, which is too slow for every request. */
class CountedHistogram extends PromHistogram {
  constructor(
    private readonly about: ConstructorParameters<typeof PromHistogram>[0],
    private readonly measure: Values<Histogram>,
  ) {
    super(about)
  }

  /** The registry calls this. prom-client's types leave it out. */
  async getForPromString() {
    const { name, help } = this.about
    const values = [...(await this.measure())].flatMap(([labels, { bounds, counts, sum }]) => {
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
