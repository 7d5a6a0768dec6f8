// Lists the fail reasons of all jobs, one row a template: reasons that differ only in numbers, paths and the like.

import { sql } from 'kysely'
import { mapInTurn } from '../../lib/cooperative'
import { compareTexts } from '../../lib/texts'
import { ofShownJob } from '../../results/core/job-reference'
import {
  type Connection,
  inList,
  inTime,
  listOf,
  type NumberList,
  query,
  tables,
  toNumberList,
} from '../../storage/query'
import { toTestcase } from '../model'
import { templateTexts } from '../names'
import { type IdBits, idsOf } from './ids'
import { type FoundReasonItem, type FoundRun, toReason, toRunRef } from './model'
import { firstShown, MAX_SHOWN_AT_ONCE, showRuns } from './runs'

/** How many reasons are looked at: the newest. */
export const MAX_REASONS = 200_000
/** How many runs are counted for a row. */
const MAX_RUNS = 10_000

/** Reasons with one template, or one reason without a template. */
export interface Cause {
  template: number | null
  reasons: number[]
  /** The reasons and `ran_at` of the newest runs. */
  newest: { reasons: number[]; ranAt: number }
}

const newestReasons = query<{ limit: number }>()((param) =>
  tables
    .selectFrom(
      tables.selectFrom('fail_reason').select('id').orderBy('id', 'desc').limit(param('limit')).as('reason'),
    )
    .select(listOf('id').as('ids')),
)

// A reason of which every test is deleted has no time, and is left out.
const reasonRows = query<{ ids: NumberList }>()((param) =>
  tables
    .selectFrom('fail_reason')
    .select([
      'id',
      'template',
      sql<number | null>`(SELECT ran_at FROM test WHERE test.fail_reason = fail_reason.id
        AND ${ofShownJob} ORDER BY ran_at DESC LIMIT 1)`.as('ranAt'),
    ])
    .where(inList('id', param('ids')))
    .where(inTime),
)

/** The widest template that a template is a part of. */
const templateParents = query()(() =>
  tables.selectFrom('template').select(['id', 'parent']).where('parent', 'is not', null),
)
const templateText = query<{ id: number }>()((param) =>
  tables.selectFrom('template').select('text').where('id', '=', param('id')),
)

const runsOfReasons = query<{ ids: NumberList; limit: number }>()((param) =>
  tables
    .selectFrom('test')
    .select('testcase')
    .where(inList('fail_reason', param('ids')))
    .where(ofShownJob)
    .limit(param('limit')),
)

const newestRuns = query<{ reasons: NumberList; ranAt: number; limit: number }>()((param) =>
  tables
    .selectFrom('test')
    .select('id')
    .where(inList('fail_reason', param('reasons')))
    .where('ran_at', '=', param('ranAt'))
    .where(ofShownJob)
    .limit(param('limit')),
)

/**
 * The causes of the reasons that were found, the newest run first.
 *
 * @param found  undefined: all reasons.
 */
export async function findCauses(
  connection: Connection,
  found: IdBits | undefined,
): Promise<{ causes: Cause[]; isTruncated: boolean }> {
  const all = found
    ? idsOf(found).reverse()
    : (JSON.parse(
        (await connection.first(newestReasons, { limit: MAX_REASONS + 1 }))?.ids ?? '[]',
      ) as number[])
  const looked = all.slice(0, MAX_REASONS)
  const parents = new Map((await connection.all(templateParents, {})).map(({ id, parent }) => [id, parent]))
  const causes = new Map<string, Cause>()
  for (const { id, template, ranAt } of await connection.all(reasonRows, { ids: toNumberList(looked) })) {
    if (ranAt === null) continue
    const widest = template === null ? null : widestOf(template, parents)
    const key = widest === null ? `reason ${id}` : `template ${widest}`
    const cause = causes.get(key)
    const newest = { reasons: [id], ranAt }
    if (!cause) causes.set(key, { template: widest, reasons: [id], newest })
    else {
      cause.reasons.push(id)
      if (ranAt > cause.newest.ranAt) cause.newest = newest
      else if (ranAt === cause.newest.ranAt) cause.newest.reasons.push(id)
    }
  }
  return { causes: await inOrder(connection, [...causes.values()]), isTruncated: all.length > looked.length }
}

/** Those with the newest run first; of one moment by their texts. */
async function inOrder(connection: Connection, causes: Cause[]): Promise<Cause[]> {
  const atOnce = Map.groupBy(causes, ({ newest }) => newest.ranAt)
  const tied = causes.filter(({ newest }) => (atOnce.get(newest.ranAt)?.length ?? 0) > 1)
  const ids = tied.flatMap(({ template }) => template ?? [])
  const texts = await templateTexts(connection, ids)
  const textOf = ({ template }: Cause) => texts.get(template ?? 0) ?? ''
  return causes.sort(
    (left, right) => right.newest.ranAt - left.newest.ranAt || compareTexts(textOf(left), textOf(right)),
  )
}

function widestOf(template: number, parents: ReadonlyMap<number, number | null>): number {
  const passed = new Set<number>()
  let widest = template
  for (
    let parent = parents.get(widest);
    parent != null && !passed.has(parent);
    parent = parents.get(widest)
  ) {
    passed.add(widest)
    widest = parent
  }
  return widest
}

/** A page of causes. */
export async function showCauses(
  connection: Connection,
  causes: readonly Cause[],
): Promise<FoundReasonItem[]> {
  const rows = await mapInTurn(causes, async (cause) => {
    const ids = toNumberList(cause.reasons)
    const runs = await connection.all(runsOfReasons, { ids, limit: MAX_RUNS + 1 })
    const { ranAt, reasons } = cause.newest
    const given = { reasons: toNumberList(reasons), ranAt, limit: MAX_SHOWN_AT_ONCE }
    return { cause, runs, newest: await connection.all(newestRuns, given) }
  })
  const shown = await showRuns(
    connection,
    rows.flatMap(({ newest }) => newest),
  )
  const runOf = new Map(shown.map((run) => [run.id, run]))
  const items: FoundReasonItem[] = []
  for (const { cause, runs, newest } of rows) {
    const last = firstShown(newest.flatMap(({ id }) => runOf.get(id) ?? []))
    if (!last) continue
    items.push(await toFoundReason(connection, cause, runs.slice(0, MAX_RUNS), last, runs.length > MAX_RUNS))
  }
  return items
}

async function toFoundReason(
  connection: Connection,
  { template, reasons }: Cause,
  runs: readonly { testcase: number }[],
  last: FoundRun,
  isTruncated: boolean,
): Promise<FoundReasonItem> {
  return {
    template_id: template,
    template:
      template === null ? null : ((await connection.first(templateText, { id: template }))?.text ?? null),
    ...toReason(last),
    fail_reason: last.reason ?? '',
    reasons: reasons.length,
    runs: runs.length,
    tests: new Set(runs.map(({ testcase }) => testcase)).size,
    ...(isTruncated && { truncated: true as const }),
    last_run: { ...toRunRef(last), ...toTestcase(last) },
  }
}
