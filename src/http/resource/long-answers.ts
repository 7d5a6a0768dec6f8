// Answers that may take long to find. Where that shows, they are left to the reader's thread, and made to JSON there.

import { type Database, defineRead, type Read } from '../../storage/database'
import type { Connection } from '../../storage/query'
import { networkOf } from '../request/client-address'
import type { Asked } from '../request/links'
import { answerText, JsonText } from '../response/json'

/** Makes an answer, in whichever thread. `A`: what it depends on beside the request and the data, as plain values. */
type Make<A> = (connection: Connection, asked: Asked, given: A) => object

/** A request as it goes to another thread. */
interface Told<A> {
  url: string
  headers: [string, string][]
  given: A
}

export interface LongAnswer<A> {
  make: Make<A>
  read: Read<Told<A>, string>
}

/** What of its headers an answer depends on: the links in it, and how it is written. */
const HEADERS = ['host', 'accept']

/** @param make  says with `connection.foresee()` where it takes long, before it begins with that. */
export function defineAnswer<A>(name: string, make: Make<A>): LongAnswer<A> {
  const read = defineRead<Told<A>, string>(name, (connection, { url, headers, given }) => {
    const asked = { url, headers: new Headers(headers) }
    return answerText(make(connection, asked, given), asked)
  })
  return { make, read }
}

/** The answer to a request: made here if that is quick. */
export async function answer<A>(
  database: Database,
  { make, read }: LongAnswer<A>,
  request: Request,
  given: A,
): Promise<object> {
  const quick = database.readIfShort((connection) => make(connection, request, given))
  if (quick) return quick
  const headers = HEADERS.map((name) => [name, request.headers.get(name) ?? ''] as [string, string])
  const told = { url: request.url, headers, given }
  return new JsonText(await database.readInWorker(read, told, request.signal, networkOf(request)))
}
