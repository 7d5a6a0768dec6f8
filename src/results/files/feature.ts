import type { Feature } from '../../http/feature'
import { gauge, one } from '../../lib/metrics'
import type { ResultServices } from '../core/services'
import { fileRoutes } from './routes'
import { sweepFiles, sweepUnreferencedFiles } from './sweep'

const HOUR_MS = 3_600_000

export const files: Feature<ResultServices> = {
  name: 'files',
  routes: (services) => [fileRoutes(services, services.files)],
  metrics: ({ files }) => [
    gauge(
      {
        name: 'avocado_files_bytes',
        help: 'Stored logs and other files, packed; known soon after the start.',
      },
      one(() => files.storedBytes),
    ),
  ],
  tasks: [
    {
      name: 'sweep-files',
      atStart: true,
      failure: 'files that nothing names were not removed',
      run: sweepFiles, // when a stop interrupts it, the next start sweeps again
    },
    {
      // A deleted test or a replaced file leaves contents that nothing refers to.
      name: 'sweep-unnamed-files',
      everyMs: HOUR_MS,
      failure: 'files that nothing names were not removed',
      run: sweepUnreferencedFiles,
    },
  ],
}
