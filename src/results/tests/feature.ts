import type { Feature } from '../../http/feature'
import { fillSearchSlowly } from '../core/search-filling'
import type { ResultServices } from '../core/services'
import { type RemoveTest, testRoutes } from './routes'

const MINUTE_MS = 60_000

/** @param removeTest  also deletes the rows below a test, which belong to features that this one does not import. */
export function tests(removeTest: RemoveTest): Feature<ResultServices> {
  return {
    name: 'tests',
    routes: (services) => [testRoutes(services, removeTest)],
    tasks: [
      {
        name: 'fill-search',
        atStart: true,
        everyMs: MINUTE_MS, // goes on after a failure
        failure: 'test cases and fail reasons of a former version are not all found by their words yet',
        run: ({ database }, _, stop) => fillSearchSlowly(database, stop),
      },
    ],
  }
}
