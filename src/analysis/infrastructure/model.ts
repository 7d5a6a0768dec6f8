// The wire format of /jobs/:job/verdict/.

import { type Static, Type as t } from '@sinclair/typebox'
import { keyword, withDescription } from '../../http/request/query'
import { preset, text } from '../../http/resource/fields'
import type { Shape } from '../../http/resource/shapes'
import { incompleteItem, jobItem } from '../model'
import { verdicts } from './judge'
import { type SetVerdict, setVerdicts } from './set'

const words = Object.fromEntries(setVerdicts.map((word) => [word, word])) as Record<SetVerdict, SetVerdict>

export const verdictBody = {
  verdict: withDescription(
    'infrastructure: the failures are the fault of the host, the network or the lab. none: they are not',
    keyword(words, 'verdict'),
  ),
  comment: preset('', text({ max: 1000, description: 'Why; for the page of the job and the audit log' })),
} satisfies Shape

const count = t.Integer({ minimum: 0 })

export const verdictWord = t.Union(
  verdicts.map((verdict) => t.Literal(verdict)),
  {
    description:
      'infrastructure: the failures of this job are the fault of the host, the network or the lab; its runs are left ' +
      'out of what is told of tests. suspected: perhaps, and nothing is left out. none: neither',
  },
)

/** What the server found of a job. */
export const foundItem = t.Object({
  verdict: verdictWord,
  recovered: t.Boolean({
    description: 'Its failures were gone soon: they are no flakes, and not how the tests stand',
  }),
  expected: t.Integer({ minimum: 0, description: 'Tests of this job that had passed at their last run' }),
  broken: t.Integer({ minimum: 0, description: 'How many of these fail' }),
  errors: t.Integer({ minimum: 0, description: 'How many of these with ERROR' }),
  runs: t.Integer({
    minimum: 0,
    description: 'Jobs of the host, 12 hours later or more, that ran some of them; the first 5 count',
  }),
  passed_again: t.Union([t.Number({ minimum: 0, maximum: 1 }), t.Null()], {
    description: 'The median share of them that passed there; null: there is no such job yet',
  }),
  ran_again: t.Integer({ minimum: 0, description: 'How many of them ran again in the branch of this job' }),
  excused: t.Integer({
    minimum: 0,
    description: 'How many of these passed while no component had changed both before and after this job',
  }),
  selective: t.Boolean({
    description:
      'Whole tests fail, in all their variants, and others do not: as if the product were at fault',
  }),
  relapses: t.Integer({
    minimum: 0,
    description: 'Later jobs in which they failed again while others passed',
  }),
})
export type FoundItem = Static<typeof foundItem>

export const jobVerdictItem = t.Object({
  job: jobItem.properties.job,
  job_number: jobItem.properties.job_number,
  verdict: verdictWord,
  verdict_by: t.Union([t.String(), t.Null()], {
    description: 'The name of the user who set it; null: the server found it',
  }),
  set_at: t.Union([t.String({ format: 'date-time' }), t.Null()]),
  comment: t.String({ description: 'Of the user; empty: none' }),
  reason: t.String({ description: 'A sentence that says why' }),
  found: t.Union([foundItem, t.Null()], {
    description: 'What the server found; null: not many tests failed here that had passed before',
  }),
  failed: count,
  incomplete: incompleteItem,
})
export type JobVerdictItem = Static<typeof jobVerdictItem>
