// Wire formats that the answers of the analysis share.

import { type Static, Type as t } from '@sinclair/typebox'
import { nameOf } from '../results/tests/model'

const time = t.String({ format: 'date-time' })

/** The runs that an answer considers. */
export const windowItem = t.Object(
  {
    from: time,
    to: time,
    runs: t.Integer({ minimum: 0 }),
    truncated: t.Boolean({ description: 'There are more runs in this time than the window considers' }),
  },
  { description: 'The last 1,000 runs or 90 days, whichever is less, unless another window was asked for' },
)
export type WindowItem = Static<typeof windowItem>

/** The window of an answer that does not tell how many runs that was. */
export const timesItem = (description: string) => t.Object({ from: time, to: time }, { description })

/** Only there while it is so: an answer that is complete has no such field. */
export const incompleteItem = t.Optional(
  t.Union([t.Literal(true), t.Object({ done: t.Integer(), of: t.Integer() })], {
    description:
      'true: runs arrived or changed a moment ago and are not in the answer yet. After an upgrade: how many of how ' +
      'many tests have been analysed',
  }),
)
export type IncompleteItem = Static<typeof incompleteItem>

/** A job, as far as an answer about tests shows it. */
export const jobItem = t.Object({
  job: t.String({ description: 'Its id' }),
  job_number: t.Integer(),
  time,
})
export type JobItem = Static<typeof jobItem>

/** A test case in an answer: `testcase` is a tag without its number. */
export const testcaseFields = {
  testcase: t.String({ description: 'Name and variant as in a tag: name;variant' }),
  suite: t.String({ description: 'Empty: none' }),
  name: t.String(),
  variant: t.Union([t.String(), t.Null()]),
}

/** @param testcase  its text. */
export function toTestcase({
  testcase,
  suite,
  variant,
}: {
  testcase: string
  suite: string
  variant: string | null
}) {
  return { testcase, suite, name: nameOf({ testcase, variant }), variant }
}

const orNull = (description: string) => t.Union([t.String(), t.Null()], { description })

/** The parts that name a series of runs of one test case. */
export const seriesFields = {
  host: orNull('null: unknown'),
  branch: orNull('null: none'),
  distro: orNull('Name, version and architecture, as in "fedora 43 x86_64"; null: unknown'),
}
