// The parameters and the wire format of /matrix/.

import { type Static, Type as t } from '@sinclair/typebox'
import { integer, keyword, withDescription } from '../../http/request/query'
import { dateTime, flag, optional } from '../../http/resource/fields'
import { pageOf } from '../../http/resource/pagination'
import type { Shape } from '../../http/resource/shapes'
import { searchText } from '../../results/core/search-words'
import { scopeFilters } from '../../results/scope/model'
import { incompleteItem, jobItem, testcaseFields, windowItem } from '../model'

/** Rows of a page. */
export const PAGE_SIZE = 50
export const DEFAULT_DAYS = 7
const MAX_DAYS = 90
/** Columns of an answer. */
export const MAX_COLUMNS = 40

export const columnKinds = ['host', 'kernel', 'job'] as const
export type ColumnKind = (typeof columnKinds)[number]

const words = (description: string) =>
  optional(
    withDescription(
      `${description}: all these words, each the beginning of one there. At most 16`,
      searchText,
    ),
  )

export const matrixQuery = {
  columns: optional(
    withDescription(
      `host, kernel or job; host unless told. ${MAX_COLUMNS} at most`,
      keyword(
        Object.fromEntries(columnKinds.map((kind) => [kind, kind])) as Record<ColumnKind, ColumnKind>,
        'kind of column',
      ),
    ),
  ),
  suite: words('Words of the suite'),
  tests: words('Words of the name'),
  variant: words('Words of the variant'),
  failing: optional(withDescription('true: only tests that failed', flag)),
  ...scopeFilters,
  days: optional(
    withDescription(`Jobs of the last days; ${DEFAULT_DAYS} unless told`, integer({ min: 1, max: MAX_DAYS })),
  ),
  until: optional(withDescription('The end of the window; now unless told', dateTime)),
} satisfies Shape

const count = t.Integer({ minimum: 0 })
const orNull = (description: string) => t.Union([t.String(), t.Null()], { description })

const column = t.Object({
  host: t.Optional(orNull('null: unknown')),
  kernel: t.Optional(orNull('Version and release; null: unknown')),
  job: t.Optional(t.Object(jobItem.properties)),
  hosts: t.Array(t.String(), { description: 'The hosts of its jobs, at most 20' }),
  branches: t.Array(t.String(), { description: 'The branches of its jobs, at most 20' }),
  jobs: count,
  runs: count,
  failures: count,
})

const cell = t.Object({
  runs: t.Integer({ minimum: 0, description: 'Runs that passed or failed' }),
  failures: count,
  last: t.Object(
    {
      ...jobItem.properties,
      time: t.String({
        format: 'date-time',
        description: 'When it started; where nobody told that, its job',
      }),
      test: t.Integer({ description: 'The id of the test' }),
      status: t.Union([t.String(), t.Null()]),
      reported_status: t.Optional(t.String()),
      outcome: t.String({ description: 'failed, passed or none' }),
    },
    { description: 'The newest run that passed or failed; where there is none, the newest' },
  ),
})

const row = t.Object({
  ...testcaseFields,
  state: t.String({
    description:
      'failing: somewhere its newest run failed; failed: it failed, and passes now; passing: all else',
  }),
  runs: count,
  failures: count,
  flaky: t.Boolean({ description: 'It is known to fail now and then while it works' }),
  cells: t.Array(t.Union([cell, t.Null()]), {
    description: 'In the order of the columns; null: it did not run there',
  }),
})

export const matrixItem = t.Object({
  columns: t.Array(column, {
    description: 'Hosts by name, kernels and jobs the newest first; what is unknown comes last',
  }),
  columns_left_out: t.Integer({
    minimum: 0,
    description:
      'There are more columns; those with most failures, then most runs, are listed. Rows count all',
  }),
  ...pageOf(row).properties,
  count: t.Integer({ minimum: 0, description: 'Tests that ran' }),
  failing: t.Integer({ minimum: 0, description: 'Tests that fail somewhere' }),
  suites: t.Array(
    t.Object({ suite: t.String({ description: 'Empty: none' }), tests: count, failing: count }),
    { description: 'Those of this page' },
  ),
  results: t.Array(row, { description: 'By suite; in each, those that fail come first' }),
  jobs: t.Integer({ minimum: 0, description: 'Jobs of the window' }),
  window: windowItem,
  incomplete: incompleteItem,
})
export type MatrixItem = Static<typeof matrixItem>
export type MatrixRow = Static<typeof row>
export type MatrixCell = Static<typeof cell>
export type MatrixColumn = Static<typeof column>
