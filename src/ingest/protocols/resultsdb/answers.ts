// The lists of ResultsDB's API.

import { originOf, pathOf, type RequestLike, searchOf } from '../../../http/request/links'
import { defineRequestQuery } from '../../../http/resource/request-query'
import { countJobs } from '../../../results/core/counters'
import { maxTestCount } from '../../../results/tests/reference'
import { withRowBudget } from '../../../storage/row-budget'
import { toGroup, toResult, toTestcase } from './model'
import { MAX_PAGE_SIZE, PAGE_SIZE, resultParameters, resultsdbPageParameters } from './parameters'
import { type Filter, latestResults, listGroups, listResults, listTestcases } from './queries'

export const PREFIX = '/api/v2.0'

const KNOWN = new Set(Object.keys({ ...resultParameters, ...resultsdbPageParameters }))

export function apiUrlOf(request: RequestLike): string {
  return originOf(request) + PREFIX
}

export const pageOfGroups = defineRequestQuery('pageOfGroups', async (connection, request) => {
  const query = searchOf(request)
  const filter = {
    ...listParameter(query, 'uuid', 'uuids'),
    ...listParameter(query, 'description', 'descriptions'),
    ...listParameter(query, 'description:like', 'descriptionsLike'),
  }
  return withRowBudget(await countJobs(connection), () =>
    page(request, async (slice) =>
      (await listGroups(connection, filter, slice)).map((row) => toGroup(row, apiUrlOf(request))),
    ),
  )
})

export const pageOfResults = defineRequestQuery('pageOfResults', async (connection, request) => {
  return withRowBudget(await maxTestCount(connection), () =>
    page(request, async (slice) =>
      (await listResults(connection, filterOf(request), slice)).map((row) =>
        toResult(row, apiUrlOf(request)),
      ),
    ),
  )
})

export const newestResults = defineRequestQuery('newestResults', async (connection, request) => {
  return withRowBudget(await maxTestCount(connection), async () => ({
    data: (await latestResults(connection, filterOf(request))).map((row) => toResult(row, apiUrlOf(request))),
  }))
})

export const pageOfTestcases = defineRequestQuery('pageOfTestcases', async (connection, request) => {
  const like = searchOf(request).get('name:like')?.split(',')
  return withRowBudget(await maxTestCount(connection), () =>
    page(request, async (slice) =>
      (await listTestcases(connection, like, slice)).map(({ name }) => toTestcase(name, apiUrlOf(request))),
    ),
  )
})

function listParameter<K extends string>(
  query: URLSearchParams,
  name: string,
  key: K,
): { [P in K]?: string[] } {
  const values = query.getAll(name).flatMap((text) => text.split(','))
  return (values.length === 0 ? {} : { [key]: values }) as { [P in K]?: string[] }
}

function filterOf(request: RequestLike): Filter {
  const query = searchOf(request)
  const [from, to] = query.get('since')?.split(',') ?? []
  const keys = [...new Set(query.keys())].filter((name) => !KNOWN.has(name))
  return {
    ...listParameter(query, 'outcome', 'outcomes'),
    ...listParameter(query, 'testcases', 'testcases'),
    ...listParameter(query, 'testcases:like', 'testcasesLike'),
    ...listParameter(query, 'groups', 'groups'),
    ...(from !== undefined && { since: { from, to } }),
    data: keys.map((name) => ({
      key: name.replace(/:like$/, ''),
      values: query.getAll(name).flatMap((text) => text.split(',')),
      like: name.endsWith(':like'),
    })),
  }
}

/** A page of a list, counted from 0. It fetches one extra row to find out whether there is a next page. */
async function page<T>(
  request: RequestLike,
  fetch: (slice: { limit: number; offset: number }) => Promise<T[]>,
) {
  const query = searchOf(request)
  const limit = Math.min(nonNegativeInteger(query.get('limit')) || PAGE_SIZE, MAX_PAGE_SIZE)
  const number = nonNegativeInteger(query.get('page'))
  const rows = await fetch({ limit: limit + 1, offset: number * limit })
  const linkTo = (other: number) => {
    query.set('page', String(other))
    return `${originOf(request)}${pathOf(request)}?${query}`
  }
  return {
    prev: number > 0 ? linkTo(number - 1) : null,
    next: rows.length > limit ? linkTo(number + 1) : null,
    data: rows.slice(0, limit),
  }
}

function nonNegativeInteger(text: string | null): number {
  return /^\d{1,9}$/.test(text ?? '') ? Number(text) : 0
}
