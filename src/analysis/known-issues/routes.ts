// The routes of /known-issues/: failures that somebody has looked into, and the rules that find them again.

import { Elysia } from 'elysia'
import { authentication } from '../../auth/plugin'
import { describe } from '../../http/openapi/documentation'
import { receiveBody } from '../../http/request/body'
import { networkOf } from '../../http/request/client-address'
import { link } from '../../http/request/links'
import { parametersOf } from '../../http/request/query'
import { rowIdOf } from '../../http/request/row-id'
import { pageParameters } from '../../http/resource/pagination'
import { answer } from '../../http/resource/request-query'
import { readBody, schemaOf } from '../../http/resource/shapes'
import { Invalid } from '../../lib/errors'
import type { ResultServices } from '../../results/core/services'
import { maskReason } from '../reasons/mask'
import {
  exportOfKnownIssues,
  findWrongPattern,
  oneKnownIssue,
  pageOfIncidents,
  pageOfKnownIssues,
} from './answers'
import { addKnownIssue, changeKnownIssue, deleteKnownIssue, importKnownIssues } from './changes'
import {
  exportItem,
  importBody,
  importItem,
  incidentPage,
  type KnownIssueBody,
  knownIssueBody,
  knownIssueFilters,
  knownIssueItem,
  knownIssuePage,
  singleKnownIssue,
} from './model'
import { getKnownIssueQuery } from './queries'
import { toKnownIssue } from './show'

export function knownIssueRoutes(services: ResultServices) {
  const { database, config, clock } = services
  const show = async (id: number) => toKnownIssue(await database.read(getKnownIssueQuery, id), clock())

  /** @returns why a pattern is refused, and the position of its body; null or undefined: none is. */
  async function checkPatterns(request: Request, bodies: readonly KnownIssueBody[]) {
    const patterns = bodies.map(({ pattern }) => pattern ?? null)
    if (patterns.every((pattern) => pattern === null)) return undefined
    const from = networkOf(request)
    return database.readInWorker(findWrongPattern, { patterns }, request.signal, from)
  }

  const refused = (fault: string) => `This is no regular expression in the syntax of RE2: ${fault}.`

  /** Reads a body, whose template may be a fail reason. @throws Invalid, also for a wrong pattern */
  async function readKnownIssue(
    request: Request,
    body: unknown,
    options?: { partial: true },
  ): Promise<KnownIssueBody> {
    const read = options
      ? readBody(knownIssueBody, body, config, options)
      : readBody(knownIssueBody, body, config)
    const wrong = await checkPatterns(request, [read])
    if (wrong) throw new Invalid({ pattern: refused(wrong.fault) })
    return withTemplate(read)
  }

  return new Elysia({ name: 'known-issues', prefix: '/known-issues', tags: ['Analysis'] })
    .use(authentication(services))
    .get(
      '/',
      async ({ request }) =>
        answer(database, pageOfKnownIssues, request, { zone: config.zone, now: clock() }),
      {
        detail: describe({
          summary:
            'List the known issues: what people found out about failures, and rules that find them again',
          description:
            'Those that were seen last come first. What they match is found in the background, a moment after a rule or a ' +
            'failure is stored.',
          reply: knownIssuePage,
          parameters: [...parametersOf(knownIssueFilters), ...pageParameters],
          errors: [400, 404],
        }),
      },
    )
    .post(
      '/',
      async ({ request, actor, set }) => {
        const body = await readKnownIssue(request, await receiveBody(request, config))
        const { id } = await database.write(addKnownIssue, { body, actor: actor() })
        set.status = 201
        set.headers.location = link(request, 'known-issues', id)
        return show(id)
      },
      {
        parse: 'none',
        member: true,
        detail: describe({
          summary: 'Add a known issue',
          description:
            'Give a `template` or a `pattern`, and a `report_url` or a `report_subject`. All conditions must fit. Failures of ' +
            'before count, too.',
          body: schemaOf(knownIssueBody),
          status: 201,
          reply: knownIssueItem,
          errors: [409],
          writes: true,
        }),
      },
    )
    .get('/export/', async ({ request }) => answer(database, exportOfKnownIssues, request, undefined), {
      detail: describe({
        summary: 'Export all known issues, for an import by another server',
        description: 'Without those that comments made: they are about one test of this server.',
        reply: exportItem,
      }),
    })
    .post(
      '/import/',
      async ({ request, actor }) => {
        const { known_issues } = readBody(importBody, await receiveBody(request, config), config)
        const wrong = await checkPatterns(request, known_issues)
        if (wrong) {
          throw new Invalid({ known_issues: `Item ${wrong.at + 1}: pattern: ${refused(wrong.fault)}` })
        }
        return database.write(importKnownIssues, { bodies: known_issues.map(withTemplate), actor: actor() })
      },
      {
        parse: 'none',
        member: true,
        detail: describe({
          summary: 'Add the known issues of an export: all or none',
          description: 'Those that are there already, with the same rule and link, stay as they are.',
          body: schemaOf(importBody),
          reply: importItem,
          errors: [409],
          writes: true,
        }),
      },
    )
    .get(
      '/:id/',
      async ({ request, params: { id } }) => answer(database, oneKnownIssue, request, { id, now: clock() }),
      { detail: describe({ summary: 'Show a known issue', reply: singleKnownIssue, errors: [404] }) },
    )
    .get(
      '/:id/incidents/',
      async ({ request, params: { id } }) => answer(database, pageOfIncidents, request, { id }),
      {
        detail: describe({
          summary: 'List the failures that a known issue matches, the newest first',
          reply: incidentPage,
          parameters: pageParameters,
          errors: [404],
        }),
      },
    )
    .patch(
      '/:id/',
      async ({ request, params, actor }) => {
        const sent = await receiveBody(request, config)
        const { id } = await database.read(getKnownIssueQuery, rowIdOf(params.id))
        const body = await readKnownIssue(request, sent, { partial: true })
        await database.write(changeKnownIssue, { id, body, actor: actor() })
        return show(id)
      },
      {
        parse: 'none',
        member: true,
        detail: describe({
          summary: 'Change a known issue',
          description: 'What is named is changed. Its failures are found anew where the rule is another one.',
          body: schemaOf(knownIssueBody, { partial: true }),
          reply: knownIssueItem,
          errors: [404],
          writes: true,
        }),
      },
    )
    .delete(
      '/:id/',
      async ({ params, actor, set }) => {
        await database.write(deleteKnownIssue, { id: rowIdOf(params.id), actor: actor() })
        set.status = 204
      },
      {
        parse: 'none',
        member: true,
        detail: describe({ summary: 'Delete a known issue', status: 204, errors: [404], writes: true }),
      },
    )
}

/** Makes the template of what may be a fail reason. Masking leaves a template as it is. */
function withTemplate(body: KnownIssueBody): KnownIssueBody {
  return body.template == null ? body : { ...body, template: maskReason(body.template) }
}
