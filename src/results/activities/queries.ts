// SQL queries for activities. Those of jobs and of tests share the queries; only the owner's column differs.

import { sql } from 'kysely'
import { type Actor, record } from '../../audit/log'
import type { Slice } from '../../http/resource/pagination'
import { Invalid, NotFound, NotUnique } from '../../lib/errors'
import type { Microseconds } from '../../lib/time'
import { defineWrite } from '../../storage/database'
import { interned } from '../../storage/interned'
import { type Connection, inList, type NumberList, query, tables, toNumberList } from '../../storage/query'
import { recordReport } from '../core/counters'
import { type JobRef, requireJob } from '../core/job-reference'
import { refreshJobStatus } from '../core/refresh-job-status'
import { addTest } from '../tests/adding'
import { completeByActivity } from '../tests/queries'
import { findTestByTag, requireTest, type TestOwner } from '../tests/reference'
import { type ActivityRow, MAX_ACTIVITIES, type NewActivity } from './model'

/** `owner`: the number of a job or the id of a test. `id`: the activity's position in its owner, from 1. */
type Key = { owner: number; id: number }
type Columns = { owner: number; name: number; time: number; status: number | null }

const activityNameId = interned('activity_name')

function activityTable(name: 'job_activity' | 'test_activity', ownerColumn: 'job' | 'test') {
  const table = name as 'test_activity' // both tables have the columns that are used below
  const owner = sql.ref<number>(`${name}.${ownerColumn}`)
  const activities = tables
    .selectFrom(table)
    .innerJoin('activity_name', 'activity_name.id', `${table}.name`)
    .select(['sequence as id', 'activity_name.text as activity', 'time', 'status'])

  const counted = query<{ owner: number }>()((param) =>
    tables
      .selectFrom(table)
      .select((column) => column.fn.countAll<number>().as('count'))
      .where(owner, '=', param('owner')),
  )
  const page = query<{ owner: number } & Slice>()((param) =>
    activities
      .where(owner, '=', param('owner'))
      .orderBy('sequence')
      .limit(param('limit'))
      .offset(param('offset')),
  )
  const everyOfSome = query<{ owners: NumberList }>()((param) =>
    activities
      .select(owner.as('owner'))
      .where(inList(`${name}.${ownerColumn}`, param('owners')))
      .orderBy(owner)
      .orderBy('sequence'),
  )
  const one = query<Key>()((param) =>
    activities.where(owner, '=', param('owner')).where('sequence', '=', param('id')),
  )
  const highest = query<{ owner: number }>()((param) =>
    tables
      .selectFrom(table)
      .select((column) => column.fn.max('sequence').as('last'))
      .where(owner, '=', param('owner')),
  )
  // As in the unique index, a missing status equals another missing status.
  const identical = query<Columns>()((param) =>
    tables
      .selectFrom(table)
      .select('sequence as id')
      .where(owner, '=', param('owner'))
      .where('time', '=', param('time'))
      .where('name', '=', param('name'))
      .where(sql`coalesce(status, 0)`, '=', sql`coalesce(${param('status')}, 0)`),
  )
  const insert = query<Columns>()((param) =>
    tables
      .insertInto(table)
      .columns([ownerColumn as 'test', 'sequence', 'name', 'time', 'status'])
      .expression((where) =>
        where
          .selectFrom(table)
          .where(owner, '=', param('owner'))
          .select([
            param('owner').as('owner'),
            sql<number>`coalesce(max(sequence), 0) + 1`.as('sequence'),
            param('name').as('name'),
            param('time').as('time'),
            param('status').as('status'),
          ]),
      )
      .returning('sequence as id'),
  )
  const update = query<Columns & Key>()((param) =>
    tables
      .updateTable(table)
      .set({ name: param('name'), time: param('time'), status: param('status') })
      .where(owner, '=', param('owner'))
      .where('sequence', '=', param('id')),
  )
  const remove = query<Key>()((param) =>
    tables.deleteFrom(table).where(owner, '=', param('owner')).where('sequence', '=', param('id')),
  )

  const find = (connection: Connection, key: Key): Promise<ActivityRow | undefined> =>
    connection.first(one, key)
  const count = async (connection: Connection, owner: number): Promise<number> =>
    (await connection.first(counted, { owner }))?.count ?? 0
  /** An upper bound for their number: the position of the last one. */
  const maxCount = async (connection: Connection, owner: number): Promise<number> =>
    (await connection.first(highest, { owner }))?.last ?? 0
  const max = MAX_ACTIVITIES[ownerColumn]
  return {
    find,
    count,
    list: (connection: Connection, owner: number, slice: Slice): Promise<ActivityRow[]> =>
      connection.allOfAnswer(page, { owner, ...slice }),
    all: (connection: Connection, owner: number): Promise<ActivityRow[]> =>
      connection.allOfAnswer(everyOfSome, { owners: toNumberList([owner]) }),
    /** All activities of some owners, by owner. */
    allOfSome: async (
      connection: Connection,
      owners: readonly number[],
    ): Promise<ReadonlyMap<number, ActivityRow[]>> => {
      const rows = await connection.allOfAnswer(everyOfSome, { owners: toNumberList(owners) })
      return Map.groupBy(rows, ({ owner }) => owner)
    },
    maxCount,
    /**
     * Adds an activity, or finds the identical one.
     *
     * @param isCounted  the caller adds many at once and has checked their number.
     * @returns its position in its owner.
     * @throws Invalid when its owner already has the most activities allowed.
     */
    async store(
      connection: Connection,
      owner: number,
      value: NewActivity,
      { isCounted = false } = {},
    ): Promise<number> {
      const row = {
        owner,
        name: await activityNameId(connection, value.activity),
        time: value.time,
        status: value.status?.status ?? null,
      }
      const stored = await connection.first(identical, row)
      if (stored) return stored.id
      if (
        !isCounted &&
        (await maxCount(connection, owner)) >= max &&
        (await count(connection, owner)) >= max
      ) {
        throw new Invalid({ activity: `A ${ownerColumn} has no more than ${max} activities.` })
      }
      return ((await connection.first(insert, row)) as { id: number }).id
    },
    /** @throws NotFound; NotUnique when it becomes identical to another one. */
    async change(connection: Connection, key: Key, value: Partial<NewActivity>): Promise<void> {
      const activity = await find(connection, key)
      if (!activity) throw new NotFound()
      const row = {
        ...key,
        name: await activityNameId(connection, value.activity ?? activity.activity),
        time: value.time ?? activity.time,
        status: value.status === undefined ? activity.status : (value.status?.status ?? null),
      }
      if (((await connection.first(identical, row))?.id ?? key.id) !== key.id) {
        throw new NotUnique(ownerColumn, 'activity', 'time')
      }
      await connection.run(update, row)
    },
    /** @throws NotFound */
    async remove(connection: Connection, key: Key): Promise<void> {
      if ((await connection.run(remove, key)).changes === 0) throw new NotFound()
    },
  }
}

export const jobActivities = activityTable('job_activity', 'job')
export const testActivities = activityTable('test_activity', 'test')

const maxActivitiesOfJobs = query<{ jobs: NumberList }>()((param) =>
  tables
    .selectFrom('job')
    .select(
      sql<
        number | null
      >`sum((SELECT max(sequence) FROM job_activity WHERE job_activity.job = job.number))`.as('count'),
    )
    .where(inList('job.number', param('jobs'))),
)

/** An upper bound for the number of activities of some jobs together. */
export async function maxActivityCount(connection: Connection, jobs: readonly number[]): Promise<number> {
  return (await connection.first(maxActivitiesOfJobs, { jobs: toNumberList(jobs) }))?.count ?? 0
}

/** @throws NotFound when the job is deleted. */
export const addJobActivity = defineWrite(
  'addJobActivity',
  async (connection, { owner, value, now }: { owner: JobRef; value: NewActivity; now: Microseconds }) => {
    await requireJob(connection, owner.job)
    connection.markChanged('job', owner.job)
    await recordReport(connection, owner.job, now)
    return { id: await jobActivities.store(connection, owner.job, value) }
  },
)

export const changeJobActivity = defineWrite(
  'changeJobActivity',
  async (connection, { owner, id, value }: { owner: JobRef; id: number; value: Partial<NewActivity> }) => {
    await jobActivities.change(connection, { owner: owner.job, id }, value)
    connection.markChanged('job', owner.job)
  },
)

export const deleteJobActivity = defineWrite(
  'deleteJobActivity',
  async (connection, { owner, id, actor }: { owner: JobRef; id: number; actor: Actor }) => {
    await jobActivities.remove(connection, { owner: owner.job, id })
    connection.markChanged('job', owner.job)
    await record(connection, actor, 'deleted', `activity ${id} of job ${owner.jobId}`)
  },
)

/** @throws NotFound when the test is deleted. */
export const addTestActivity = defineWrite(
  'addTestActivity',
  async (connection, { owner, value, now }: { owner: TestOwner; value: NewActivity; now: Microseconds }) => {
    await requireTest(connection, owner)
    await recordReport(connection, owner.job, now)
    return { id: await storeTestActivity(connection, owner, value) }
  },
)

/**
 * The older form, which names the test in the body by its tag and adds it if the tag is new. The clients that use it
 * never send the status of a job, so the job's tests decide it.
 */
export const addTaggedActivity = defineWrite(
  'addTaggedActivity',
  async (
    connection,
    { job, tag, value, now }: { job: number; tag: string; value: NewActivity; now: Microseconds },
  ) => {
    const test =
      (await findTestByTag(connection, job, tag)) ??
      (await addTest.run(connection, { job, value: { tag }, now }))
    await recordReport(connection, job, now)
    const id = await storeTestActivity(connection, { job, test: test.id }, value)
    await refreshJobStatus(connection, job)
    return { test: test.id, id }
  },
)

export const changeTestActivity = defineWrite(
  'changeTestActivity',
  async (connection, { owner, id, value }: { owner: TestOwner; id: number; value: Partial<NewActivity> }) => {
    await testActivities.change(connection, { owner: owner.test, id }, value)
    connection.markChanged('job', owner.job)
    if (value.status) await completeByActivity(connection, owner, value.status)
  },
)

export const deleteTestActivity = defineWrite(
  'deleteTestActivity',
  async (connection, { owner, id, actor }: { owner: TestOwner; id: number; actor: Actor }) => {
    await testActivities.remove(connection, { owner: owner.test, id })
    connection.markChanged('job', owner.job)
    await record(connection, actor, 'deleted', `activity ${id} of test ${owner.test} of job ${owner.jobId}`)
  },
)

/** Stores an activity of a test. A test without a status gets the activity's status. */
async function storeTestActivity(
  connection: Connection,
  owner: { job: number; test: number },
  value: NewActivity,
): Promise<number> {
  const id = await testActivities.store(connection, owner.test, value)
  connection.markChanged('job', owner.job)
  if (value.status) await completeByActivity(connection, owner, value.status)
  return id
}
