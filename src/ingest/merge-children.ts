// Adds the activities and data of a reported test or job to the stored ones.

import { Invalid, NotUnique } from '../lib/errors'
import type { NewActivity } from '../results/activities/model'
import { testActivities } from '../results/activities/queries'
import { type NewDatum, testData } from '../results/data/queries'
import type { Connection } from '../storage/query'
import type { MergeResult, TestReport } from './model'

/** @param lastKnownActivity  the last activity that was stored before this report. @returns whether anything changed */
export async function mergeChildren(
  connection: Connection,
  test: number,
  report: TestReport,
  lastKnownActivity: number,
  merged: MergeResult,
): Promise<boolean> {
  const owner = `Test ${report.tag}`
  const changes = [await mergeActivities(connection, test, report, lastKnownActivity, merged)]
  for (const datum of report.data) {
    changes.push(await storeDatum(() => testData.store(connection, test, datum), datum, owner, merged))
  }
  return changes.includes(true)
}

/**
 * Adds activities that are not stored yet. An activity of the same name at another time is the same one as seen by
 * another source, some milliseconds off. If two of one name are stored, somebody posted one by hand; both stay.
 */
async function mergeActivities(
  connection: Connection,
  test: number,
  report: TestReport,
  lastKnownActivity: number,
  merged: MergeResult,
): Promise<boolean> {
  const { activities, exactTimes, tag } = report
  const before =
    lastKnownActivity > 0 && activities.length > 0 ? await testActivities.all(connection, test) : []
  const rows = before.filter(({ id }) => id <= lastKnownActivity)
  const byName = new Map(rows.map((row) => [row.activity, row]))
  const seen = new Set(rows.map(({ activity, time }) => `${time} ${activity}`))
  const added: NewActivity[] = []
  let changed = false
  for (const activity of activities) {
    if (seen.has(`${activity.time} ${activity.activity}`)) continue
    const stored = byName.get(activity.activity)
    if (!stored) added.push(activity)
    else if (exactTimes && stored.time !== activity.time) {
      await testActivities.change(connection, { owner: test, id: stored.id }, { time: activity.time })
      changed = true
    }
  }
  const store = (activity: NewActivity) => testActivities.store(connection, test, activity)
  const stored = await storeActivities(store, added, `Test ${tag}`, merged)
  return changed || stored > 0
}

/** Adds activities up to the limit of their owner. @returns how many were added */
export async function storeActivities(
  store: (activity: NewActivity) => Promise<unknown>,
  activities: NewActivity[],
  owner: string,
  merged: MergeResult,
): Promise<number> {
  for (const [index, activity] of activities.entries()) {
    try {
      await store(activity)
    } catch (error) {
      if (!(error instanceof Invalid)) throw error
      const left = activities.length - index
      merged.warnings.push(`${owner} has as many activities as it may: ${left} were left out.`)
      return index
    }
  }
  return activities.length
}

/** @returns whether the datum is new */
export async function storeDatum(
  store: () => Promise<{ added: boolean }>,
  { key }: NewDatum,
  owner: string,
  merged: MergeResult,
): Promise<boolean> {
  try {
    return (await store()).added
  } catch (error) {
    if (!(error instanceof NotUnique)) throw error
    merged.warnings.push(`${owner} has another value for ${key} already: the stored one was kept.`)
    return false
  }
}
