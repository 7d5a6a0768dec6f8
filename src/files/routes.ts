// Files of jobs and of tests: lists, and the contents as a browser may show them.

import { Elysia } from 'elysia'
import { authentication } from '../auth/plugin'
import type { Context } from '../context'
import { describe } from '../http/documentation'
import { NotFound } from '../http/errors'
import { optional } from '../http/fields'
import { keptAnswers } from '../http/kept'
import { originOf, pathOf } from '../http/links'
import { pageOf, pageParameters, paginate } from '../http/pagination'
import { described, parametersOf, word } from '../http/query'
import { getJob, namedJob, ownerOf } from '../jobs/reference'
import type { Connection } from '../storage/query'
import { getTestOwner } from '../tests/reference'
import { contentResponse } from './content'
import { contentType } from './content-type'
import { fileItem } from './model'
import { type FileRow, hexOf, jobFiles, testFiles } from './queries'
import type { FileStore } from './store'

/** Whatever else stands there is left alone: a file has one address for the page and for curl. */
const contentQuery = {
  show: optional(
    described(
      'page: HTML is sent as HTML, for a sandbox without scripts, and not as text',
      word({ page: 'page' }, 'way to show a file'),
    ),
  ),
}

type Params = { job?: string; test?: string }
type Handler = { request: Request; params: Params; set: { headers: object } }

/** What differs between the files of jobs and those of tests. */
interface FilesOf {
  path: string
  noun: string
  tag: string
  files: typeof jobFiles
  /** @throws NotFound, Conflict */
  owner(connection: Connection, params: Params): { id: number; location: (string | number)[] }
}

const ofJobs: FilesOf = {
  path: '/jobs/:job/files/',
  noun: 'job',
  tag: 'Jobs',
  files: jobFiles,
  owner(connection, params) {
    const { job, jobId } = ownerOf(getJob(connection, params.job))
    return { id: job, location: ['jobs', jobId, 'files'] }
  },
}

const ofTests: FilesOf = {
  path: '/jobs/:job/tests/:test/files/',
  noun: 'test',
  tag: 'Tests',
  files: testFiles,
  owner(connection, params) {
    const { jobId, test } = getTestOwner(connection, params, { deleting: false })
    return { id: test, location: ['jobs', jobId, 'tests', test, 'files'] }
  },
}

export function fileRoutes(context: Context, store: FileStore) {
  return new Elysia({ name: 'files' })
    .use(authentication(context))
    .use(routesOf(context, store, ofJobs))
    .use(routesOf(context, store, ofTests))
}

function routesOf(context: Context, store: FileStore, { path, noun, tag, files, owner }: FilesOf) {
  const { database } = context
  const find = ({ request, params }: Handler) => {
    const file = database.read((connection) => {
      const { id } = owner(connection, params)
      return files.find(connection, { owner: id, path: restOf(request, path) })
    })
    if (!file) throw new NotFound()
    return file
  }
  const show = async (handler: Handler) => {
    const { request, set } = handler
    const headers = set.headers as Record<string, string>
    const file = find(handler)
    try {
      return await contentResponse(request, file, store, headers)
    } catch (error) {
      if ((error as { code?: unknown }).code !== 'ENOENT') throw error
      // Deleted with its job, or replaced by a fuller one, since it was found.
      const now = find(handler)
      if (hexOf(now.hash) === hexOf(file.hash)) throw error
      return contentResponse(request, now, store, headers)
    }
  }
  return new Elysia({ tags: [tag] })
    .use(keptAnswers(context))
    .get(
      path,
      ({ request, params }) =>
        database.read((connection) => {
          const { id, location } = owner(connection, params as Params)
          return paginate(request, files.count(connection, id), (slice) =>
            files.list(connection, id, slice).map((file) => toFile(request, location, file)),
          )
        }),
      {
        kept: namedJob,
        detail: describe({
          summary: `List the files of a ${noun}`,
          reply: pageOf(fileItem),
          parameters: pageParameters,
          errors: [404, 409],
        }),
      },
    )
    .get(`${path}*`, show, {
      detail: describe({
        summary: `Show a file of a ${noun}`,
        description: 'The content as it is, or the part of it that a `Range` asks for (206, 416).',
        parameters: parametersOf(contentQuery),
        errors: [404, 409],
      }),
    })
}

/** What follows a route in the URL: its last parts, which Elysia leaves encoded. @throws NotFound */
function restOf(request: Request, route: string): string {
  const parts = pathOf(request)
    .split('/')
    .slice(route.split('/').length - 1)
  try {
    return parts.map(decodeURIComponent).join('/')
  } catch {
    throw new NotFound() // a broken escape names nothing
  }
}

function toFile(request: Request, location: (string | number)[], { path, size }: FileRow) {
  // Not link(): a file has slashes inside and none at its end.
  const parts = [...location, ...path.split('/')].map(encodeURIComponent)
  return { path, size, type: contentType(path), url: `${originOf(request)}/${parts.join('/')}` }
}
