// The wire formats of /comments/ and /claims/.

import { type Static, Type as t } from '@sinclair/typebox'
import { keyword, withDescription } from '../../http/request/query'
import { optional, preset, rowId, text } from '../../http/resource/fields'
import { pageOf } from '../../http/resource/pagination'
import type { Body, Shape } from '../../http/resource/shapes'

export const MAX_TEXT_BYTES = 4096
/** Comments on one thing. */
export const MAX_COMMENTS = 1000

export const thingFields = {
  job: optional(withDescription('With `test`: a failure', text({ min: 1, max: 40 }))),
  test: optional(withDescription('The id or tag of a test of the job', text({ min: 1, max: 1024 }))),
  regression: optional(withDescription('The id of a regression', rowId)),
  cluster: optional(withDescription('The id of a template: all failures with this reason', rowId)),
} satisfies Shape

const commentText = text({
  min: 1,
  maxBytes: MAX_TEXT_BYTES,
  description: 'At most 4 KiB. Links are found in it',
})

export const commentBody = { ...thingFields, text: commentText } satisfies Shape
export type CommentBody = Body<typeof commentBody>
export const changedComment = { text: commentText } satisfies Shape

export const claimStates = ['looking', 'false_alarm'] as const
export type ClaimState = (typeof claimStates)[number]

export const claimBody = {
  ...thingFields,
  state: preset<ClaimState>(
    'looking',
    withDescription(
      'looking: somebody looks into it. false_alarm: nothing is wrong',
      keyword({ looking: 'looking', false_alarm: 'false_alarm' } as const, 'state of a claim'),
    ),
  ),
  text: preset('', text({ maxBytes: MAX_TEXT_BYTES })),
} satisfies Shape

const user = t.Object({ id: t.Integer(), username: t.String() })
const orNull = (description: string) => t.Union([t.Integer(), t.Null()], { description })

const aboutFields = {
  kind: t.Union([t.Literal('failure'), t.Literal('regression'), t.Literal('cluster')], {
    description: 'What it is about',
  }),
  job: t.Union([t.String(), t.Null()], { description: 'Of a failure: the id of its job' }),
  test: orNull('Of a failure: the id of the test'),
  regression: orNull('The id of the regression'),
  cluster: orNull('The id of the template'),
}

export const commentItem = t.Object({
  id: t.Integer(),
  ...aboutFields,
  user,
  time: t.String({ format: 'date-time' }),
  changed: t.Union([t.String({ format: 'date-time' }), t.Null()], { description: 'null: never' }),
  text: t.String(),
  links: t.Array(t.String(), { description: 'The links in the text' }),
  known_issue: orNull('The known issue by which the first link is carried over to later failures'),
})
export type CommentItem = Static<typeof commentItem>

export const claimItem = t.Object({
  id: t.Integer(),
  ...aboutFields,
  user,
  time: t.String({ format: 'date-time' }),
  state: t.Union(claimStates.map((state) => t.Literal(state))),
  text: t.String(),
})
export type ClaimItem = Static<typeof claimItem>

export const commentPage = pageOf(commentItem)
export const claimPage = pageOf(claimItem)

const LINK = /\bhttps?:\/\/[^\s<>"'`]+/gi
const MAX_LINKS = 20

/** The links in a text, without the punctuation of the sentence around them. */
export function linksIn(text: string): string[] {
  const found = [...text.matchAll(LINK)].map(([link]) => link.replace(/[.,;:!?)\]}]+$/, ''))
  return [...new Set(found)].filter((link) => URL.canParse(link)).slice(0, MAX_LINKS)
}
