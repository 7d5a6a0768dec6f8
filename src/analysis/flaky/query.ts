// The parameters of /flaky/.

import { integer, withDescription } from '../../http/request/query'
import { dateTime, flag, optional, text } from '../../http/resource/fields'
import type { Body, Shape } from '../../http/resource/shapes'
import { searchText } from '../../results/core/search-words'
import { scopeFilters } from '../../results/scope/model'
import { DEFAULT_DAYS, MAX_DAYS, MAX_RUNS } from '../runs/window'
import { TAG_LENGTH } from '../search/filters'

export const PAGE_SIZE = 20

export const flakyOrderings = ['rate', 'low', 'flakes', 'cost_seconds', 'last_flake', 'testcase'] as const
export type FlakyOrdering = (typeof flakyOrderings)[number]

const words = (description: string) => optional(withDescription(description, searchText))

export const flakyQuery = {
  testcase: optional(
    withDescription(
      'One test: its whole name, for all variants, or `name;variant`',
      text({ max: TAG_LENGTH }),
    ),
  ),
  name: words('Words of the name, each the beginning of one'),
  suite: words('Words of the suite, as in `name`'),
  variant: words('Words of the variant, as in `name`: `disk=ide`'),
  ...scopeFilters,
  all: optional(
    withDescription('true: also tests that failed by themselves, but too seldom to be called flaky', flag),
  ),
  days: optional(
    withDescription(
      `How many days the window has; ${DEFAULT_DAYS} unless told, and ${MAX_RUNS} runs of a test at most`,
      integer({ min: 1, max: MAX_DAYS }),
    ),
  ),
  until: optional(withDescription('The end of the window; now unless told', dateTime)),
} satisfies Shape

export type FlakyQuery = Body<typeof flakyQuery>
