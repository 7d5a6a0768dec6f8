// Named queries that answer a request. With a large row budget they run in the reader's worker, which also makes the
// JSON.

import { type Database, defineQuery, type NamedQuery } from '../../storage/database'
import type { Connection } from '../../storage/query'
import { FEW_ROWS, runSteps, runStepsWithin, type Step } from '../../storage/row-budget'
import { networkOf } from '../request/client-address'
import type { RequestLike } from '../request/links'
import { answerText, JsonText } from '../response/json'

/** Plans the query. `A`: plain values that the answer depends on, besides the request and the data. */
type Plan<A> = (connection: Connection, request: RequestLike, given: A) => Promise<Step<object>>

/** A request in the form that is sent to the worker. */
interface SentRequest<A> {
  url: string
  headers: [string, string][]
  given: A
}

export interface RequestQuery<A> {
  /** undefined when a step has a large row budget: then nothing of the step has run. */
  ifShort: NamedQuery<{ request: RequestLike; given: A }, object | undefined>
  inWorker: NamedQuery<SentRequest<A>, string>
}

/** The headers that an answer depends on: `host` for its links, `accept` for its indentation. */
const HEADERS = ['host', 'accept']

/** @param plan  declares with `withRowBudget()` how many rows the query may look at. */
export function defineRequestQuery<A>(name: string, plan: Plan<A>): RequestQuery<A> {
  const ifShort: RequestQuery<A>['ifShort'] = defineQuery(
    `${name} if short`,
    async (connection, { request, given }) =>
      runStepsWithin(await plan(connection, request, given), FEW_ROWS),
  )
  const inWorker = defineQuery<SentRequest<A>, string>(name, async (connection, { url, headers, given }) => {
    const request = { url, headers: new Headers(headers) }
    return answerText(await runSteps(await plan(connection, request, given)), request)
  })
  return { ifShort, inWorker }
}

/** Answers a request: on this thread if the row budget is small, in the reader's worker otherwise. */
export async function answer<A>(
  database: Database,
  { ifShort, inWorker }: RequestQuery<A>,
  request: Request,
  given: A,
): Promise<object> {
  const found = await database.read(ifShort, { request, given })
  if (found) return found
  const headers = HEADERS.map((name) => [name, request.headers.get(name) ?? ''] as [string, string])
  const sent = { url: request.url, headers, given }
  return new JsonText(await database.readInWorker(inWorker, sent, request.signal, networkOf(request)))
}
