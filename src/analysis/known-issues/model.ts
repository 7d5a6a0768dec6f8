// The wire formats of /known-issues/, after those of issues and incidents in KCIDB.

import { type Static, Type as t } from '@sinclair/typebox'
import { keywords, withDescription } from '../../http/request/query'
import {
  dateTime,
  type Field,
  FieldError,
  flag,
  nullable,
  optional,
  rowId,
  text,
} from '../../http/resource/fields'
import { pageOf } from '../../http/resource/pagination'
import { type Body, list, nested, type Shape } from '../../http/resource/shapes'
import { readComponentCondition } from '../../results/scope/model'
import { incompleteItem, jobItem, testcaseFields } from '../model'
import { MAX_PATTERN } from './pattern'

/** Each is looked at for each failure. */
export const MAX_KNOWN_ISSUES = 2000
export const MAX_IMPORTED = 1000
const MAX_COMMENT_BYTES = 4096
const MAX_URL = 2048

export const issueStates = ['open', 'regressed', 'resolved?', 'expired'] as const
export type IssueState = (typeof issueStates)[number]

const url: Field<string> = {
  schema: t.String({ maxLength: MAX_URL, description: 'http or https, of any tracker' }),
  read(value) {
    const read = text({ max: MAX_URL }).read(value)
    if (read === '' || isLink(read)) return read
    throw new FieldError('This is no link: it begins with http:// or https:// and has no blanks.')
  },
}

export function isLink(text: string): boolean {
  return /^https?:\/\/[^\s/?#]+\S*$/i.test(text) && URL.canParse(text)
}

const component: Field<string> = {
  schema: t.String({
    description: '`NAME`, or `NAME>=VERSION` with >=, <=, =, < or >: where it is installed',
  }),
  read(value) {
    const read = text({ min: 1, max: 255 }).read(value)
    readComponentCondition(read)
    return read
  },
}

const orNone = (field: Field<string>): Field<string | null> & { optional: true } =>
  optional(nullable(field, { blank: true }))

/** Which failures a known issue is about. */
const ruleFields = {
  template: orNone(
    withDescription(
      'Failures with this template of the fail reason. A fail reason stands for its template',
      text({ min: 1, max: 64 * 1024 }),
    ),
  ),
  pattern: orNone(
    withDescription(
      'Failures in whose reason this is found: a regular expression in the syntax of RE2, at most 1 KiB, looked for in the ' +
        'first 4,096 characters. Either this or `template`',
      text({ min: 1, maxBytes: MAX_PATTERN }),
    ),
  ),
  testcase: orNone(
    withDescription(
      'Only of these tests: a glob (`*`, `?`) on the name, or on `name;variant`',
      text({ min: 1, max: 1024 }),
    ),
  ),
  variant: orNone(
    withDescription('Only of variants with all these words: `disk=ide q35`', text({ min: 1, max: 255 })),
  ),
  host: orNone(withDescription('Only on this host', text({ min: 1, max: 255 }))),
  component: orNone(component),
}

const culprit = {
  code: optional(flag),
  tool: optional(flag),
  harness: optional(flag),
} satisfies Shape

export const knownIssueBody = {
  ...ruleFields,
  report_url: optional(url),
  report_subject: optional(text({ max: 255, description: 'What it is about, in a line' })),
  culprit: optional(nested(culprit)),
  comment: optional(text({ maxBytes: MAX_COMMENT_BYTES })),
  intermittent: optional(flag),
  expires: optional(nullable(dateTime, { blank: true })),
} satisfies Shape
export type KnownIssueBody = Body<typeof knownIssueBody>

export const importBody = {
  known_issues: list(knownIssueBody, { max: MAX_IMPORTED, noun: 'known issues' }),
} satisfies Shape

const states = Object.fromEntries([
  ...issueStates.map((state): [string, IssueState] => [state, state]),
  ['resolved', 'resolved?'],
]) as Record<string, IssueState>

export const knownIssueFilters = {
  state: optional(
    withDescription(
      `Those in any of these states, separated by commas: ${issueStates.join(', ')}; all unless told`,
      keywords(states, 'state of a known issue'),
    ),
  ),
  search: optional(
    withDescription(
      'This text, in any case, in the subject, the link, the comment, the template or the pattern',
      text({ max: 255 }),
    ),
  ),
  template: optional(withDescription('The id of a template: those that are about it', rowId)),
  testcase: optional(
    withDescription(
      'Those that hit this test: its name, for all variants, or `name;variant`',
      text({ max: 1024 }),
    ),
  ),
} satisfies Shape
export type KnownIssueFilters = Body<typeof knownIssueFilters>

const orNull = (description?: string) => t.Union([t.String(), t.Null()], description ? { description } : {})
const timeOrNull = (description: string) =>
  t.Union([t.String({ format: 'date-time' }), t.Null()], { description })
const count = t.Integer({ minimum: 0 })
const state = t.Union(
  issueStates.map((name) => t.Literal(name)),
  {
    description:
      'resolved?: every host that failed has passed 5 times in a row, or none has failed so for 30 days. regressed: it came back ' +
      'after that. expired: it matches no failures from `expires` on',
  },
)

const culpritItem = t.Object(
  { code: t.Boolean(), tool: t.Boolean(), harness: t.Boolean() },
  { description: 'Where the fault lies: in what is tested, in a tool of the test, in what runs the tests' },
)

/** What is exported, and imported again. */
const sharedFields = {
  template: orNull(),
  pattern: orNull(),
  testcase: orNull(),
  variant: orNull(),
  host: orNull(),
  component: orNull(),
  report_url: t.String({ description: 'Empty: none' }),
  report_subject: t.String(),
  culprit: culpritItem,
  comment: t.String(),
  intermittent: t.Boolean(),
  expires: timeOrNull('null: never'),
}

export const knownIssueItem = t.Object({
  id: t.Integer(),
  ...sharedFields,
  template_id: t.Union([t.Integer(), t.Null()], { description: 'null: no failure has had it yet' }),
  origin: t.Union([t.Literal('rule'), t.Literal('comment')], {
    description:
      'comment: made by a comment with a link on a failure, for later failures of this test with this reason',
  }),
  state,
  incidents: t.Integer({
    minimum: 0,
    description: 'Failures that it matches, of the newest 1,000 runs of each test',
  }),
  tests: count,
  first: timeOrNull('When the first of these failures was'),
  last: timeOrNull('When the last was'),
  resolved: timeOrNull('Since when it is taken for resolved'),
  regressed: timeOrNull('When it came back first after it was taken for resolved'),
  created: t.String({ format: 'date-time' }),
  created_by: orNull('The name of a user'),
  changed: t.String({ format: 'date-time' }),
  changed_by: orNull('The name of a user'),
})
export type KnownIssueItem = Static<typeof knownIssueItem>

export const knownIssuePage = t.Object({
  ...pageOf(knownIssueItem).properties,
  results: t.Array(knownIssueItem),
  incomplete: incompleteItem,
})
export type KnownIssuePage = Static<typeof knownIssuePage>

export const singleKnownIssue = t.Object({ ...knownIssueItem.properties, incomplete: incompleteItem })

export const exportItem = t.Object({ known_issues: t.Array(t.Object(sharedFields)) })
export type ExportItem = Static<typeof exportItem>

export const importItem = t.Object({
  added: count,
  unchanged: t.Integer({
    minimum: 0,
    description: 'How many were there already, with the same rule and link',
  }),
})

export const incidentItem = t.Object({
  ...jobItem.properties,
  test: t.Integer({ description: 'The id of the test' }),
  tag: t.String(),
  ...testcaseFields,
  host: orNull('null: unknown'),
  branch: orNull('null: none'),
  status: orNull('null: it has not ended'),
  reported_status: t.Optional(t.String()),
  present: t.Boolean({ description: 'true: the known issue is there in this run' }),
  regressed: t.Boolean({ description: 'It had come back after it was taken for resolved' }),
})
export type IncidentItem = Static<typeof incidentItem>

export const incidentPage = t.Object({
  ...pageOf(incidentItem).properties,
  results: t.Array(incidentItem),
  incomplete: incompleteItem,
})
export type IncidentPage = Static<typeof incidentPage>

/** A known issue beside a failure that it matches. */
export const knownIssueLink = t.Object({
  id: t.Integer(),
  report_url: t.String(),
  report_subject: t.String(),
  state,
  regressed: t.Boolean({ description: 'It had come back when this failed' }),
})
export type KnownIssueLink = Static<typeof knownIssueLink>
