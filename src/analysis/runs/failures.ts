// The reasons of failed runs, as templates.

import { sql } from 'kysely'
import { hashOfText } from '../../storage/interned'
import {
  type Connection,
  contains,
  inList,
  type NumberList,
  query,
  tables,
  toNumberList,
} from '../../storage/query'
import { MAX_LENGTH, maskReason } from '../reasons/mask'
import { isUninformative } from '../reasons/uninformative'

/** The template of a failure: its id; the text of one that is not stored yet; null where the failure has no reason. */
export type RunTemplate = number | string | null

/** The templates of reasons that the background has not masked yet, by the ids of the reasons. */
export type NewTemplates = Map<number, string>

export interface Failure {
  /** What the tag has before the test case. */
  tag: string
  reported: number | null
  /** The id of its reason; null: it has none. */
  reason: number | null
  template: RunTemplate
}

const beginning = sql`substr(fail_reason.text, 1, ${sql.lit(MAX_LENGTH + 1)})`

// Texts may be long. They are read where the host of the job is in them, and of new reasons.
const failuresOf = query<{ tests: NumberList }>()((param) =>
  tables
    .selectFrom('test')
    .innerJoin('job', 'job.number', 'test.job')
    .innerJoin('testcase', 'testcase.id', 'test.testcase')
    .leftJoin('host', 'host.id', 'job.host')
    .leftJoin('fail_reason', 'fail_reason.id', 'test.fail_reason')
    .leftJoin('template', 'template.id', 'fail_reason.template')
    .select([
      'test.id',
      'test.prefix',
      'test.reported_status as reported',
      'test.fail_reason as reason',
      'testcase.suite',
      'testcase.text as testcase',
      'testcase.variant',
      'host.name as host',
      'template.id as template',
      'template.parent',
      sql<string | null>`CASE WHEN length(template.text) < 80 THEN template.text END`.as('short'),
      sql<string | null>`CASE WHEN ${contains(beginning, 'host.name')} THEN ${beginning} END`.as('ofHost'),
      sql<string | null>`CASE WHEN fail_reason.template IS NULL THEN ${beginning} END`.as('unmasked'),
    ])
    .where(inList('test.id', param('tests'))),
)
const templateByHash = query<{ hash: Uint8Array }>()((param) =>
  tables.selectFrom('template').select(['id', 'parent']).where('hash', '=', param('hash')),
)

/** The id of a template, or of the cluster that it belongs to; its text where it is not stored. */
async function findTemplate(connection: Connection, text: string): Promise<number | string> {
  const found = await connection.first(templateByHash, { hash: hashOfText(text) })
  return found ? (found.parent ?? found.id) : text
}

/**
 * @param runs  tests that ended with FAIL or ERROR.
 * @param newTemplates  gets those of reasons that were not masked yet.
 * @returns what is known of each, by its id
 */
export async function readFailures(
  connection: Connection,
  runs: readonly { test: number }[],
  newTemplates: NewTemplates,
): Promise<ReadonlyMap<number, Failure>> {
  const failures = new Map<number, Failure>()
  if (runs.length === 0) return failures
  const tests = toNumberList(runs.map(({ test }) => test))
  for (const row of await connection.all(failuresOf, { tests })) {
    failures.set(row.id, {
      tag: row.prefix,
      reported: row.reported,
      reason: row.reason,
      template: await templateOf(connection, row, newTemplates),
    })
  }
  return failures
}

async function templateOf(
  connection: Connection,
  row: {
    reason: number | null
    template: number | null
    parent: number | null
    short: string | null
    ofHost: string | null
    host: string | null
    suite: string
    testcase: string
    variant: string | null
    unmasked: string | null
  },
  newTemplates: NewTemplates,
): Promise<RunTemplate> {
  if (row.reason === null) return null
  const masked = row.unmasked === null ? undefined : maskReason(row.unmasked)
  if (masked !== undefined) newTemplates.set(row.reason, masked)
  const known = masked ?? row.short
  if (known !== null && isUninformative(known)) return findTemplate(connection, perTest(row, known))
  if (row.ofHost !== null && row.host !== null)
    return findTemplate(connection, maskReason(row.ofHost, row.host))
  return masked === undefined ? (row.parent ?? row.template) : await findTemplate(connection, masked)
}

/** A reason that says nothing has a template for each test: two tests that fail with it have nothing in common. */
function perTest(
  { suite, testcase, variant }: { suite: string; testcase: string; variant: string | null },
  reason: string,
): string {
  const name = variant === null ? testcase : testcase.slice(0, testcase.length - variant.length - 1)
  return `${suite === '' ? name : `${suite}/${name}`}: ${reason}`
}
