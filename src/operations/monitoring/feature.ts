import { version } from '../../../package.json'
import type { Feature } from '../../http/feature'
import { gauge, histogram, type Metric, one } from '../../lib/metrics'
import { Exposition } from './exposition'
import { processMetrics } from './process-metrics'
import { monitoringRoutes } from './routes'
import type { MonitoringServices } from './services'

/** @param allMetrics  the metrics of every feature, including this one. */
export function monitoring<Services extends MonitoringServices>(
  allMetrics: (services: Services) => Metric[],
): Feature<Services> {
  return {
    name: 'monitoring',
    routes: (services) => {
      const exposition = new Exposition(allMetrics(services), (error, metric) =>
        services.log.warn({ err: error, metric }, 'a metric was left out'),
      )
      return [monitoringRoutes(services, exposition)]
    },
    metrics: ({ loopLag }) => [
      gauge(
        { name: 'avocado_build_info', help: 'Always 1; the version is a label.', labels: ['version'] },
        () => [[{ version }, 1]],
      ),
      histogram(
        {
          name: 'avocado_event_loop_lag_seconds',
          help: 'How late the main thread was, four times a second.',
        },
        one(() => loopLag.seconds),
      ),
      ...processMetrics(),
    ],
    close: ({ loopLag }) => loopLag.end(),
  }
}
