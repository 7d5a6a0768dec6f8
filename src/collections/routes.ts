// The six routes that every list of plain things has: list and add, show, replace, change and remove one. Jobs and
// tests are more than that and have routes of their own.

import { type TSchema, Type as t } from '@sinclair/typebox'
import { Elysia } from 'elysia'
import type { Identity } from '../auth/credentials'
import { authentication } from '../auth/plugin'
import type { Context } from '../context'
import { receiveBody } from '../http/body'
import { describe } from '../http/documentation'
import { NotFound } from '../http/errors'
import { type Body, readBody, type Shape, schemaOf } from '../http/fields'
import { anyJob, type JobOf, keptAnswers } from '../http/kept'
import { link } from '../http/links'
import { pageOf, pageParameters, paginate, type Slice } from '../http/pagination'
import { rowIdOf } from '../http/row-id'
import type { Write } from '../storage/database'
import type { Connection } from '../storage/query'
import type { Microseconds } from '../time'

export type Params = Record<string, string>

/**
 * What differs between collections. `Owner` is what the rest of the URL names, a job or a test, as a plain value;
 * the id of an item counts within its owner.
 */
export interface Collection<Owner, S extends Shape> {
  /** With a slash at the end: `/jobs/:job/data/`. */
  path: string
  /** For the API's documentation: one item and several. */
  nouns: [string, string]
  tag: string
  /** Of an item as GET shows it. */
  item: TSchema
  shape: S
  /** @throws NotFound, Conflict */
  owner(connection: Connection, params: Params, options: { deleting: boolean }): Owner
  count(connection: Connection, owner: Owner): number
  list(connection: Connection, owner: Owner, slice: Slice): object[]
  find(connection: Connection, owner: Owner, id: number): object | undefined
  /** Adds an item, or finds the one that is already there. */
  add: Write<{ owner: Owner; value: Body<S>; now: Microseconds }, { id: number }>
  /** @throws NotFound */
  change: Write<{ owner: Owner; id: number; value: Partial<Body<S>> }, void>
  /** @throws NotFound */
  remove: Write<{ owner: Owner; id: number }, void>
  /** The parts of the path above the id, whole names in place of what the client wrote. */
  location(owner: Owner): (string | number)[]
  /** What a POST answers: 200 with this sentence, or 201 with what was stored. */
  added: { sentence: string } | 'as stored'
  /** Which job the answers show, where they show one alone; else a change of any job makes them stale. */
  job?: JobOf
  /** Older paths that take the same POST. */
  olderPaths?: string[]
}

type Handler = { request: Request; params: Params; user?: Identity | undefined; set: ReplySettings }
type ReplySettings = { status?: number | string; headers: Record<string, string | number> }

export function collectionRoutes<Owner, S extends Shape>(context: Context, collection: Collection<Owner, S>) {
  const { database, config, clock } = context
  const { path, nouns, item, shape, added } = collection
  const [one, many] = nouns
  const detail = (description: Parameters<typeof describe>[0]) => ({
    ...describe(description),
    tags: [collection.tag],
  })
  const ownerOf = (params: Params, deleting = false) =>
    database.read((connection) => collection.owner(connection, params, { deleting }))
  const show = (owner: Owner, id: number) => {
    const found = database.read((connection) => collection.find(connection, owner, id))
    if (!found) throw new NotFound()
    return found
  }

  const add = async ({ request, params, set }: Handler) => {
    const body = await receiveBody(request, config)
    const owner = ownerOf(params)
    const value = readBody(shape, body, config)
    const { id } = await database.write(collection.add, { owner, value, now: clock() })
    set.headers.location = link(request, ...collection.location(owner), id)
    if (added !== 'as stored') return { status: added.sentence }
    set.status = 201
    return value
  }
  const change = async ({ request, params }: Handler) => {
    const body = await receiveBody(request, config)
    const owner = ownerOf(params)
    const id = idOf(params)
    show(owner, id)
    const value =
      request.method === 'PUT'
        ? readBody(shape, body, config)
        : readBody(shape, body, config, { partial: true })
    await database.write(collection.change, { owner, id, value: value as Partial<Body<S>> })
    return show(owner, id)
  }

  const posted = detail({
    summary: `Add ${one}`,
    body: schemaOf(shape),
    ...(added === 'as stored'
      ? { status: 201, reply: schemaOf(shape) }
      : { reply: t.Object({ status: t.Literal(added.sentence) }) }),
    errors: [404, 409],
    writes: true,
  })
  const changed = (summary: string, partial: boolean) =>
    detail({ summary, body: schemaOf(shape, { partial }), reply: item, errors: [404, 409], writes: true })
  const writing = { parse: 'none', writer: true } as const

  const kept = collection.job ?? anyJob
  const routes = new Elysia()
    .use(authentication(context))
    .use(keptAnswers(context))
    .get(
      path,
      ({ request, params }) =>
        database.read((connection) => {
          const owner = collection.owner(connection, params as Params, { deleting: false })
          return paginate(request, collection.count(connection, owner), (slice) =>
            collection.list(connection, owner, slice),
          )
        }),
      {
        kept,
        detail: detail({
          summary: `List ${many}`,
          reply: pageOf(item),
          parameters: pageParameters,
          errors: [404, 409],
        }),
      },
    )
    .post(path, (handler) => add(handler as Handler), { ...writing, detail: posted })
    .get(`${path}:id/`, ({ params }) => show(ownerOf(params as Params), idOf(params)), {
      kept,
      detail: detail({ summary: `Show ${one}`, reply: item, errors: [404, 409] }),
    })
    .put(`${path}:id/`, (handler) => change(handler as Handler), {
      ...writing,
      detail: changed(`Replace ${one}`, false),
    })
    .patch(`${path}:id/`, (handler) => change(handler as Handler), {
      ...writing,
      detail: changed(`Change ${one}`, true),
    })
    .delete(
      `${path}:id/`,
      async ({ params, set }) => {
        const owner = ownerOf(params as Params, true)
        await database.write(collection.remove, { owner, id: idOf(params) })
        set.status = 204
      },
      {
        ...writing,
        detail: detail({ summary: `Delete ${one}`, status: 204, errors: [404, 409], writes: true }),
      },
    )
  for (const older of collection.olderPaths ?? []) {
    routes.post(older, (handler) => add(handler as Handler), {
      ...writing,
      detail: { ...posted, summary: `Add ${one} (older form)`, deprecated: true },
    })
  }
  return routes
}

function idOf({ id }: Params): number {
  return rowIdOf(id)
}
