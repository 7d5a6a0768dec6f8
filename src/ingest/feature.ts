import type { Feature } from '../http/feature'
import { counter } from '../lib/metrics'
import { importRoutes } from './routes'
import type { IngestServices } from './services'

export const imports: Feature<IngestServices> = {
  name: 'imports',
  routes: (services) => [importRoutes(services, services.files)],
  metrics: ({ importMetrics }) => [
    counter(
      {
        name: 'avocado_imports_total',
        help: 'Imports: stored (a job at least), refused, or failed by our fault.',
        labels: ['format', 'outcome'],
      },
      () => importMetrics.all().map(({ format, outcome, count }) => [{ format, outcome }, count]),
    ),
  ],
}
