// The routes of the files of jobs and tests: lists, and contents in a form that is safe for browsers.

import { Elysia } from 'elysia'
import { authentication } from '../../auth/plugin'
import type { FileStore } from '../../blobs/store'
import { cacheable } from '../../http/cache/cacheable'
import { describe } from '../../http/openapi/documentation'
import { pathOf } from '../../http/request/links'
import { keyword, parametersOf, withDescription } from '../../http/request/query'
import { optional } from '../../http/resource/fields'
import { pageOf, pageParameters } from '../../http/resource/pagination'
import { answer } from '../../http/resource/request-query'
import { NotFound } from '../../lib/errors'
import { hexOf } from '../core/files'
import { namedJob } from '../core/job-reference'
import type { ResultServices } from '../core/services'
import { type FileParams, filesOfJobs, filesOfTests } from './answers'
import { contentResponse } from './content'
import { fileItem } from './model'

/** Other parameters are ignored, so that the same URL works in the dashboard and for curl. */
const contentQuery = {
  show: optional(
    withDescription(
      'page: HTML is sent as HTML, for a sandbox without scripts, and not as text',
      keyword({ page: 'page' }, 'way to show a file'),
    ),
  ),
}

type Handler = { request: Request; params: FileParams; set: { headers: object } }

export function fileRoutes(services: ResultServices, store: FileStore) {
  return new Elysia({ name: 'files' })
    .use(authentication(services))
    .use(routesOf(services, store, { ...filesOfJobs, path: '/jobs/:job/files/', tag: 'Jobs' }))
    .use(routesOf(services, store, { ...filesOfTests, path: '/jobs/:job/tests/:test/files/', tag: 'Tests' }))
}

type Routes = typeof filesOfJobs & { path: string; tag: string }

function routesOf(
  services: ResultServices,
  store: FileStore,
  { path, noun, tag, find: findFile, page }: Routes,
) {
  const { database } = services
  const find = async ({ request, params }: Handler) => {
    const file = await database.read(findFile, { params, path: restOf(request, path) })
    if (!file) throw new NotFound()
    return file
  }
  const show = async (handler: Handler) => {
    const { request, set } = handler
    const headers = set.headers as Record<string, string>
    const file = await find(handler)
    try {
      return await contentResponse(request, file, store, headers)
    } catch (error) {
      if ((error as { code?: unknown }).code !== 'ENOENT') throw error
      // The file was deleted with its job, or replaced by a longer one, after it was found.
      const now = await find(handler)
      if (hexOf(now.hash) === hexOf(file.hash)) throw error
      return contentResponse(request, now, store, headers)
    }
  }
  return new Elysia({ tags: [tag] })
    .use(cacheable(services))
    .get(path, async ({ request, params }) => answer(database, page, request, params as FileParams), {
      cacheable: namedJob,
      detail: describe({
        summary: `List the files of a ${noun}`,
        reply: pageOf(fileItem),
        parameters: pageParameters,
        errors: [404, 409],
      }),
    })
    .get(`${path}*`, show, {
      detail: describe({
        summary: `Show a file of a ${noun}`,
        description: 'The content as it is, or the part of it that a `Range` asks for (206, 416).',
        parameters: parametersOf(contentQuery),
        errors: [404, 409],
      }),
    })
}

/** The part of the URL after a route, decoded, because Elysia leaves it encoded. @throws NotFound */
function restOf(request: Request, route: string): string {
  const parts = pathOf(request)
    .split('/')
    .slice(route.split('/').length - 1)
  try {
    return parts.map(decodeURIComponent).join('/')
  } catch {
    throw new NotFound() // an invalid percent-escape
  }
}
