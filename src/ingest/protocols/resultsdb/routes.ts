// /api/v2.0/: the part of ResultsDB's API that its Python client uses, so that an unmodified Avocado can report live:
// avocado run --resultsdb-api http://server:9405/api/v2.0

import { randomUUID } from 'node:crypto'
import { type TSchema, Type as t } from '@sinclair/typebox'
import { Elysia } from 'elysia'
import { authentication } from '../../../auth/plugin'
import { anyJob, cacheable } from '../../../http/cache/cacheable'
import { describe } from '../../../http/openapi/documentation'
import { pathOf } from '../../../http/request/links'
import { answer } from '../../../http/resource/request-query'
import { isReservedId } from '../../../results/jobs/model'
import type { IngestServices } from '../../services'
import { storeReport } from '../../store'
import { apiUrlOf, newestResults, PREFIX, pageOfGroups, pageOfResults, pageOfTestcases } from './answers'
import { DRY_RUN_ID, isGroupOfDryRun, jobIdOfDryRun } from './dry-runs'
import { updateGroup } from './groups'
import { toGroup, toResult, toTestcase } from './model'
import {
  documented,
  groupParameters,
  type ParameterDescriptions,
  resultParameters,
  resultsdbPageParameters,
} from './parameters'
import {
  groupBody,
  ResultsdbError,
  readGroup,
  readResult,
  readTestcase,
  resultBody,
  testcaseBody,
} from './posted'
import { findGroup, findResult, findTestcase } from './queries'
import { receiver } from './receive'
import { emptyJobReport, resultStore } from './store'

const TESTCASES = `${PREFIX}/testcases/`

const anything = t.Object({}, { additionalProperties: true })
const listItem = t.Object({
  prev: t.Union([t.String(), t.Null()]),
  next: t.Union([t.String(), t.Null()]),
  data: t.Array(anything),
})

const failure = t.Object({ message: t.String({ description: 'What happened, and what to do' }) })

/** Describes a GET. The answers have the schemas of ResultsDB, which its own documentation describes. */
function describeGet(
  summary: string,
  {
    list = false,
    one = false,
    parameters = {},
  }: { list?: boolean; one?: boolean; parameters?: ParameterDescriptions } = {},
) {
  return {
    cacheable: anyJob,
    detail: describe({
      summary,
      reply: list ? listItem : anything,
      parameters: documented({ ...parameters, ...(list && resultsdbPageParameters) }),
      errors: one ? [404] : [],
      failure,
    }),
  }
}

function describePost(summary: string, body: TSchema) {
  return {
    parse: 'none',
    detail: describe({
      summary,
      body,
      status: 201,
      reply: anything,
      errors: [404, 409], // another client deletes or changes the job meanwhile
      writes: true,
      failure,
    }),
  } as const
}

export function resultsdbRoutes(services: IngestServices) {
  const { database } = services
  const storeResult = resultStore(services)

  const receive = receiver(services)

  return new Elysia({ name: 'resultsdb', prefix: PREFIX, tags: ['ResultsDB'] })
    .use(authentication(services))
    .use(cacheable(services))
    .post(
      '/groups',
      async ({ request, user, recheck, set }) => {
        const received = await receive(request, user, recheck)
        const group = readGroup(received.body)
        set.status = 201
        if (isGroupOfDryRun(group))
          return toGroup({ ...group, id: DRY_RUN_ID, results: 0 }, apiUrlOf(request))
        const id = group.uuid ?? randomUUID()
        if (isReservedId(id)) throw new ResultsdbError(400, 'uuid: This id is reserved.')
        const isThere = (await database.read(findGroup, id)) !== undefined
        const report = isThere
          ? emptyJobReport(id, null, null)
          : emptyJobReport(id, group.description, group.refUrl)
        await storeReport(services, report, { user: received.user })
        const { description, refUrl } = group
        // Unlike in a group that comes with a result, an empty value changes nothing.
        const change = { ...(description && { description }), ...(refUrl && { refUrl }) }
        if (isThere) await database.write(updateGroup, { ...change, id })
        return groupOf(request, id)
      },
      describePost('Add a group: a job; one that is there is changed', groupBody),
    )
    .get(
      '/groups',
      async ({ request }) => answer(database, pageOfGroups, request, null),
      describeGet('List groups', { list: true, parameters: groupParameters }),
    )
    .get(
      '/groups/:uuid',
      async ({ request, params }) => groupOf(request, params.uuid),
      describeGet('Show a group', { one: true }),
    )
    .post(
      '/results',
      async ({ request, user, recheck, set }) => {
        const received = await receive(request, user, recheck)
        const posted = readResult(received.body)
        const ids: number[] = []
        for (const group of posted.groups) {
          if (isReservedId(group)) throw new ResultsdbError(400, 'groups: This id is reserved.')
          const job = jobIdOfDryRun(group, posted.data) ?? group
          ids.push(await storeResult(job, posted, received.user, ids[0]))
          const change = posted.changes.get(group)
          if (change && Object.keys(change).length > 0)
            await database.write(updateGroup, { ...change, id: job })
        }
        set.status = 201
        return resultOf(request, ids[0] ?? 0)
      },
      describePost('Add a result: a test', resultBody),
    )
    .get(
      '/results',
      async ({ request }) => answer(database, pageOfResults, request, null),
      describeGet('List results, the newest first', { list: true, parameters: resultParameters }),
    )
    .get(
      '/results/latest',
      async ({ request }) => answer(database, newestResults, request, null),
      describeGet('List the newest result of each testcase', { parameters: resultParameters }),
    )
    .get(
      '/results/:id',
      async ({ request, params }) => resultOf(request, Number(params.id)),
      describeGet('Show a result', { one: true }),
    )
    .post(
      '/testcases',
      async ({ request, user, recheck, set }) => {
        const { body } = await receive(request, user, recheck)
        const name = readTestcase(body)
        set.status = 201
        return toTestcase(name, apiUrlOf(request))
      },
      describePost('Name a testcase; it is there when a result names it', testcaseBody),
    )
    .get(
      '/testcases',
      async ({ request }) => answer(database, pageOfTestcases, request, null),
      describeGet('List testcases', { list: true, parameters: { 'name:like': 'With `*` for anything' } }),
    )
    .get(
      '/testcases/*', // the client does not encode the slashes of a name
      async ({ request }) => testcaseOf(request, nameIn(request)),
      describeGet('Show a testcase', { one: true }),
    )

  async function testcaseOf(request: Request, name: string) {
    const found = await database.read(findTestcase, name)
    if (!found) throw new ResultsdbError(404, 'Testcase not found')
    return toTestcase(found.name, apiUrlOf(request))
  }

  async function groupOf(request: Request, id: string) {
    const group = await database.read(findGroup, id)
    if (!group) throw new ResultsdbError(404, 'Group not found')
    return toGroup(group, apiUrlOf(request))
  }

  async function resultOf(request: Request, id: number) {
    const result = Number.isSafeInteger(id) ? await database.read(findResult, id) : undefined
    if (!result) throw new ResultsdbError(404, 'Result not found')
    return toResult(result, apiUrlOf(request))
  }
}

/** The testcase's name in the URL; '', which is no name, if it is wrongly encoded. */
function nameIn(request: Request): string {
  const name = pathOf(request).slice(TESTCASES.length).replace(/\/$/, '')
  try {
    return decodeURIComponent(name)
  } catch {
    return ''
  }
}
