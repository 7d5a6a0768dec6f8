// The parameters and the wire format of /hosts/.

import { type Static, Type as t } from '@sinclair/typebox'
import { integer, keyword, withDescription } from '../../http/request/query'
import { dateTime, optional } from '../../http/resource/fields'
import { pageOf } from '../../http/resource/pagination'
import type { Shape } from '../../http/resource/shapes'
import { scopeFilters } from '../../results/scope/model'
import { incompleteItem, jobItem, windowItem } from '../model'
import { type Blame, blames } from './blame'
import { type Verdict, verdicts } from './judge'
import { verdictWord } from './model'

export const PAGE_SIZE = 50
export const DEFAULT_DAYS = 14
const MAX_DAYS = 90

const words = <Word extends string>(all: readonly Word[]) =>
  Object.fromEntries(all.map((word) => [word, word])) as Record<Word, Word>

export const hostsQuery = {
  blame: optional(
    withDescription(`Hosts with this blame: ${blames.join(', ')}`, keyword<Blame>(words(blames), 'blame')),
  ),
  verdict: optional(
    withDescription(
      `Hosts whose newest job has this verdict: ${verdicts.join(', ')}`,
      keyword<Verdict>(words(verdicts), 'verdict'),
    ),
  ),
  include: optional(
    withDescription(
      'infrastructure: the rates count jobs whose failures are the fault of the host or the lab, too',
      keyword({ infrastructure: 'infrastructure' } as const, 'kind of run'),
    ),
  ),
  ...scopeFilters,
  days: optional(
    withDescription(`Jobs of the last days; ${DEFAULT_DAYS} unless told`, integer({ min: 1, max: MAX_DAYS })),
  ),
  until: optional(withDescription('The end of the window; now unless told', dateTime)),
} satisfies Shape

export const hostOrderings = [
  'host',
  'jobs',
  'failed_rate',
  'expected_rate',
  'infrastructure_jobs',
  'last_job',
] as const

const rate = (description: string) =>
  t.Union([t.Number({ minimum: 0, maximum: 1 }), t.Null()], { description })
const count = t.Integer({ minimum: 0 })

export const hostItem = t.Object({
  host: t.Union([t.String(), t.Null()], { description: 'null: jobs of unknown hosts' }),
  jobs: count,
  failed_rate: rate('The share of runs that failed, of those that passed or failed; null: there are none'),
  expected_rate: rate(
    'What would fail here if each test failed as often as on the other hosts; null: none of them runs these tests',
  ),
  blame: t.Union([...blames.map((blame) => t.Literal(blame)), t.Null()], {
    description:
      'Who is likeliest to blame for what fails here. host: it fails more than the others. product: as much fails ' +
      'everywhere. noise: little fails. null: no other host runs these tests',
  }),
  probability: rate('How likely that is'),
  verdict: {
    ...verdictWord,
    description: 'On its newest job: see `/jobs/JOB/verdict/`',
  } as typeof verdictWord,
  last_job: t.Object(jobItem.properties),
  infrastructure_jobs: t.Integer({ minimum: 0, description: 'Jobs that the rates leave out' }),
  suspected_jobs: count,
})
export type HostItem = Static<typeof hostItem>

export const hostPage = t.Object({
  ...pageOf(hostItem).properties,
  results: t.Array(hostItem, { description: 'Those that are to blame first, then those that fail most' }),
  window: windowItem,
  incomplete: incompleteItem,
})
export type HostPage = Static<typeof hostPage>
