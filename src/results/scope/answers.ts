// The queries behind the lists of labels.

import { Type as t } from '@sinclair/typebox'
import { link } from '../../http/request/links'
import { readQuery, withDescription } from '../../http/request/query'
import { optional, type ReadContext, text } from '../../http/resource/fields'
import { paginate, paginateWithBudget } from '../../http/resource/pagination'
import { defineRequestQuery } from '../../http/resource/request-query'
import type { Shape } from '../../http/resource/shapes'
import { mapInTurn } from '../../lib/cooperative'
import { NotFound } from '../../lib/errors'
import { formatTime } from '../../lib/time'
import { withRowBudget } from '../../storage/row-budget'
import { countJobs } from '../core/counters'
import { checkLabelKey } from '../labels/model'
import { labelKeys, labelValues, useOf } from './label-lists'

export const keyItem = t.Object({
  key: t.String(),
  url: t.String({ format: 'uri', description: 'Lists its values' }),
})

export const valueItem = t.Object({
  value: t.String(),
  jobs: t.Integer({ description: 'How many jobs have it' }),
  last: t.Union([t.String({ format: 'date-time' }), t.Null()], {
    description: 'The time of the newest of them',
  }),
})

export const valueFilters = {
  search: optional(withDescription('The beginning of the values', text({ max: 255 }))),
} satisfies Shape

export const pageOfKeys = defineRequestQuery('pageOfKeys', async (connection, request) =>
  withRowBudget<object>(1, async () => {
    const keys = await labelKeys(connection)
    return paginate(request, keys.length, ({ offset, limit }) =>
      keys.slice(offset, offset + limit).map((key) => ({ key, url: link(request, 'labels', key) })),
    )
  }),
)

export const pageOfValues = defineRequestQuery(
  'pageOfValues',
  async (connection, request, { key, ...context }: ReadContext & { key: string }) => {
    if (!isKey(key)) throw new NotFound()
    const { search: prefix = '' } = readQuery(valueFilters, request, context)
    const jobs = await countJobs(connection)
    return withRowBudget<object>(jobs, async () => {
      const values = await labelValues(connection, { key, prefix })
      return paginateWithBudget(request, values.length, ({ offset, limit }) =>
        withRowBudget(jobs, () =>
          mapInTurn(values.slice(offset, offset + limit), async (value) => {
            const condition = { key, values: [value], isNegated: false }
            const { jobs, last } = await useOf(connection, {
              labels: [condition],
              environments: [],
              components: [],
            })
            return { value, jobs, last: last === null ? null : formatTime(last) }
          }),
        ),
      )
    })
  },
)

function isKey(key: string): boolean {
  try {
    checkLabelKey(key)
    return true
  } catch {
    return false
  }
}
