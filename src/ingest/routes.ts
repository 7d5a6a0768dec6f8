// POST /imports/ accepts whatever Avocado writes. GET /upload.sh is a script that sends it.

import { Type as t } from '@sinclair/typebox'
import { Elysia } from 'elysia'
import { authentication } from '../auth/plugin'
import type { FileStore } from '../blobs/store'
import { describe, failureItem } from '../http/openapi/documentation'
import { networkOf } from '../http/request/client-address'
import { link, originOf, queryOf } from '../http/request/links'
import { requestContext } from '../http/request/request-context'
import { answerWith } from '../http/response/representations'
import { BadRequest, DomainError } from '../lib/errors'
import { formatNames, titlesOf } from './formats/registry'
import type { ImportedJob } from './import-result'
import { receiveImport } from './receive'
import { readRunOptions, runParameters } from './run-options'
import type { IngestServices } from './services'
import uploadScript from './upload.sh' with { type: 'text' }

const counts = t.Object({ added: t.Integer(), changed: t.Integer(), unchanged: t.Integer() })
const importItem = t.Object({
  jobs: t.Array(
    t.Object({
      id: t.String(),
      url: t.String({ format: 'uri' }),
      tests: counts,
      files: counts,
      warnings: t.Array(t.String()),
    }),
  ),
  jobs_count: t.Optional(t.Integer({ description: 'Where more were stored than are listed' })),
  refused: t.Optional(
    t.Array(
      t.Object(
        { line: t.Optional(t.Integer()), file: t.Optional(t.String()) },
        {
          additionalProperties: true,
          description: 'A line of NDJSON, or a file of a form, and why it was refused',
        },
      ),
    ),
  ),
  refused_count: t.Optional(t.Integer({ description: 'Where more were refused than are listed' })),
})

export function importRoutes(services: IngestServices, store: FileStore) {
  return new Elysia({ name: 'imports', tags: ['Imports'] })
    .use(authentication(services))
    .post(
      '/imports/',
      async ({ request, user, set }) => {
        const query = queryOf(request)
        const format = formatNames.find((name) => name === query.get('format'))
        if (query.has('format') && !format)
          throw new BadRequest(`format is one of ${formatNames.join(', ')}.`)
        const files = query.get('files') !== 'no'
        const run = readRunOptions(request, services.config)
        const requireRight = async () => requestContext(request).requireRight?.()
        const options = { format, files, run, user, requireRight, network: networkOf(request) }
        const { jobs, refused, refusedCount } = await receiveImport(services, store, request, options)
        const listed = jobs.listed()
        const answer = {
          jobs: listed.map((job) => toImported(job, request)),
          ...(jobs.count > listed.length && { jobs_count: jobs.count }),
          ...(refused.length > 0 && { refused }),
          ...(refusedCount > refused.length && { refused_count: refusedCount }),
        }
        if (jobs.count === 0) throw new DomainError('invalid', answer)
        if (jobs.hasNew) set.status = 201
        return answer
      },
      {
        parse: 'none',
        writer: true,
        detail: {
          ...describe({
            summary: `Store what Avocado wrote: a job directory, ${titlesOf('file').join(', ')}`,
            description: `The body is an archive of a job directory (${titlesOf('archive').join(', ')}) or one file, or a form with files (\`curl -F file=@results.xml\`), each an import of its own. What is there already is completed; the same again adds nothing. 201 when a job is new, 200 otherwise.`,
            status: 201,
            reply: importItem,
            parameters: [
              {
                name: 'format',
                in: 'query',
                description: 'Unless its beginning tells',
                schema: { type: 'string', enum: formatNames },
              },
              {
                name: 'files',
                in: 'query',
                description: '`no`: leave logs and other files out',
                schema: { type: 'string' },
              },
              ...runParameters,
            ],
            errors: [408, 409, 413],
            writes: true,
            otherReplies: {
              200: { description: 'Every job was there already', reply: importItem },
              400: {
                description: 'It cannot be read, or every line of it is `refused`',
                reply: t.Union([failureItem, importItem]),
              },
            },
          }),
          requestBody: {
            content: {
              'application/octet-stream': { schema: { type: 'string', format: 'binary' } },
              'multipart/form-data': {
                schema: { type: 'object', properties: { file: { type: 'string', format: 'binary' } } },
              },
            },
          },
        } as object,
      },
    )
    .get(
      '/upload.sh',
      ({ request, set }) =>
        answerWith(request, uploadScript.replaceAll('@ORIGIN@', originOf(request)), {
          ...(set.headers as Record<string, string>),
          'content-type': 'text/x-shellscript; charset=utf-8',
        }),
      {
        detail: describe({
          summary: 'A shell script that sends job directories with tar and curl',
          description: 'For machines that the avocado-server binary is not built for.',
          reply: t.String(),
          replyType: 'text/x-shellscript',
        }),
      },
    )
}

function toImported({ jobId, tests, files, warnings }: ImportedJob, request: Request) {
  return { id: jobId, url: link(request, 'jobs', jobId), tests, files, warnings }
}
