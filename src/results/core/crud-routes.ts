// The six routes of a simple resource: list, add, show, replace, change and remove. Jobs and tests do not use them.

import { type TSchema, Type as t } from '@sinclair/typebox'
import { Elysia } from 'elysia'
import type { Actor } from '../../audit/log'
import { authentication } from '../../auth/plugin'
import { anyJob, cacheable, type JobOf } from '../../http/cache/cacheable'
import { describe } from '../../http/openapi/documentation'
import { receiveBody } from '../../http/request/body'
import { link } from '../../http/request/links'
import { rowIdOf } from '../../http/request/row-id'
import { pageOf, pageParameters } from '../../http/resource/pagination'
import { answer } from '../../http/resource/request-query'
import { type Body, readBody, readBodyCooperatively, type Shape, schemaOf } from '../../http/resource/shapes'
import { runCooperatively } from '../../lib/cooperative'
import { NotFound } from '../../lib/errors'
import type { Identity } from '../../lib/identity'
import type { Microseconds } from '../../lib/time'
import type { Write } from '../../storage/database'
import type { CrudQueries, Params } from './crud-queries'
import type { ResultServices } from './services'

/**
 * What differs between resources.
 *
 * @template Owner  the job or test that the URL names above the resource, as a plain value. The owner and an id
 *   identify an item.
 */
export interface CrudResource<Owner, S extends Shape> {
  /** Ends with a slash: `/jobs/:job/data/`. */
  path: string
  /** Singular and plural, for the API's documentation. */
  nouns: [string, string]
  tag: string
  /** The schema of an item in a GET answer. */
  item: TSchema
  shape: S
  reads: CrudQueries<Owner>
  /** Adds an item, or finds an equal one that is already stored. */
  add: AddItem<Owner, S>
  change: ChangeItem<Owner, S>
  remove: RemoveItem<Owner>
  /** The parts of the path above the id. A job has its whole id here, even if the client wrote a prefix. */
  location(owner: Owner): (string | number)[]
  /** A POST answers 200 with this sentence, or 201 with the stored item. */
  added: { sentence: string } | 'as stored'
  /** The job that the answers show. Without this, a change to any job makes cached answers stale. */
  job?: JobOf
  /** Older paths with the same POST. */
  olderPaths?: string[]
}

/** One write, or a function that does several writes one after another. */
type OneOrMoreWrites<A, R> = Write<A, R> | ((argument: A) => Promise<R>)
type AddItem<Owner, S extends Shape> = OneOrMoreWrites<
  { owner: Owner; value: Body<S>; now: Microseconds },
  { id: number }
>
/** @throws NotFound */
type ChangeItem<Owner, S extends Shape> = OneOrMoreWrites<
  { owner: Owner; id: number; value: Partial<Body<S>> },
  void
>
/** @throws NotFound */
type RemoveItem<Owner> = OneOrMoreWrites<{ owner: Owner; id: number; actor: Actor }, void>

type Handler = { request: Request; params: Params; user: Identity | undefined; set: ReplySettings }
type ReplySettings = { status?: number | string; headers: Record<string, string | number> }

export function crudRoutes<Owner, S extends Shape>(
  services: ResultServices,
  resource: CrudResource<Owner, S>,
) {
  const { database, config, clock } = services
  const { path, nouns, item, shape, added } = resource
  const [one, many] = nouns
  const detail = (description: Parameters<typeof describe>[0]) => ({
    ...describe(description),
    tags: [resource.tag],
  })
  const { reads } = resource
  const perform = <A, R>(write: OneOrMoreWrites<A, R>, argument: A): Promise<R> =>
    typeof write === 'function' ? write(argument) : database.write(write, argument)
  const ownerToChange = ({ params, user }: Handler) => database.read(reads.ownerToChange, { params, user })
  const show = (request: Request, params: Params) => answer(database, reads.item, request, params)

  const requireItem = async (owner: Owner, id: number) => {
    if (!(await database.read(reads.hasItem, { owner, id }))) throw new NotFound()
  }

  const add = async (handler: Handler) => {
    const { request, set } = handler
    const body = await receiveBody(request, config)
    const owner = await ownerToChange(handler)
    const value = await runCooperatively(readBodyCooperatively(shape, body, config))
    const { id } = await perform(resource.add, { owner, value, now: clock() })
    set.headers.location = link(request, ...resource.location(owner), id)
    if (added !== 'as stored') return { status: added.sentence }
    set.status = 201
    return value
  }
  const change = async (handler: Handler) => {
    const { request, params } = handler
    const body = await receiveBody(request, config)
    const owner = await ownerToChange(handler)
    const id = rowIdOf(params.id)
    await requireItem(owner, id)
    const value =
      request.method === 'PUT'
        ? readBody(shape, body, config)
        : readBody(shape, body, config, { partial: true })
    await perform(resource.change, { owner, id, value: value as Partial<Body<S>> })
    return show(request, params)
  }

  const postDetail = detail({
    summary: `Add ${one}`,
    body: schemaOf(shape),
    ...(added === 'as stored'
      ? { status: 201, reply: schemaOf(shape) }
      : { reply: t.Object({ status: t.Literal(added.sentence) }) }),
    errors: [404, 409],
    writes: true,
  })
  const changeDetail = (summary: string, partial: boolean) =>
    detail({ summary, body: schemaOf(shape, { partial }), reply: item, errors: [404, 409], writes: true })
  const writing = { parse: 'none', writer: true } as const

  const jobOf = resource.job ?? anyJob
  const routes = new Elysia()
    .use(authentication(services))
    .use(cacheable(services))
    .get(path, async ({ request, params }) => answer(database, reads.page, request, params as Params), {
      cacheable: jobOf,
      detail: detail({
        summary: `List ${many}`,
        reply: pageOf(item),
        parameters: pageParameters,
        errors: [404, 409],
      }),
    })
    .post(path, async (handler) => add(handler as Handler), { ...writing, detail: postDetail })
    .get(`${path}:id/`, async ({ request, params }) => show(request, params as Params), {
      cacheable: jobOf,
      detail: detail({ summary: `Show ${one}`, reply: item, errors: [404, 409] }),
    })
    .put(`${path}:id/`, async (handler) => change(handler as Handler), {
      ...writing,
      detail: changeDetail(`Replace ${one}`, false),
    })
    .patch(`${path}:id/`, async (handler) => change(handler as Handler), {
      ...writing,
      detail: changeDetail(`Change ${one}`, true),
    })
    .delete(
      `${path}:id/`,
      async ({ params, actor, set }) => {
        const owner = await database.read(reads.ownerToDelete, params as Params)
        await perform(resource.remove, { owner, id: rowIdOf((params as Params).id), actor: actor() })
        set.status = 204
      },
      {
        ...writing,
        detail: detail({ summary: `Delete ${one}`, status: 204, errors: [404, 409], writes: true }),
      },
    )
  for (const older of resource.olderPaths ?? []) {
    routes.post(older, async (handler) => add(handler as Handler), {
      ...writing,
      detail: { ...postDetail, summary: `Add ${one} (older form)`, deprecated: true },
    })
  }
  return routes
}
