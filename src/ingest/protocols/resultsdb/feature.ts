import type { Feature } from '../../../http/feature'
import type { IngestServices } from '../../services'
import { resultsdbRoutes } from './routes'

export const resultsdb: Feature<IngestServices> = {
  name: 'resultsdb',
  routes: (services) => [resultsdbRoutes(services)],
}
