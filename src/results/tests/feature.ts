import type { Feature } from '../../http/feature'
import type { ResultServices } from '../core/services'
import { type RemoveTest, testRoutes } from './routes'

/** @param removeTest  also removes what is below a test, in features that this one does not know. */
export function tests(removeTest: RemoveTest): Feature<ResultServices> {
  return { name: 'tests', routes: (services) => [testRoutes(services, removeTest)] }
}
