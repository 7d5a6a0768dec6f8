// SQL queries for data. Those of jobs and of tests share the queries; only the owner's column differs.

import { sql } from 'kysely'
import { type Actor, record } from '../../audit/log'
import type { Slice } from '../../http/resource/pagination'
import type { Body } from '../../http/resource/shapes'
import { NotFound, NotUnique } from '../../lib/errors'
import { defineWrite } from '../../storage/database'
import { type Connection, query, tables } from '../../storage/query'
import { someRows } from '../../storage/some-rows'
import { type JobRef, requireJob } from '../core/job-reference'
import { tellsTimeout } from '../core/job-timeout'
import { markStaleJob } from '../core/stale-jobs'
import { requireTest, type TestOwner } from '../tests/reference'
import type { DatumRow, newDatum } from './model'

export type NewDatum = Body<typeof newDatum>

/** `owner`: the number of a job or the id of a test. */
type Key = { owner: number; id: number }
type Columns = { owner: number; category: string; key: string; value: string | null }

const DEFAULT_CATEGORY = 'default'

function dataTable(name: 'job_data' | 'test_data', ownerColumn: 'job' | 'test') {
  const table = name as 'test_data' // both tables have the columns that are used below
  const owner = sql.ref<number>(`${name}.${ownerColumn}`)
  const data = tables.selectFrom(table).select(['id', 'category', 'key', 'value'])

  const counted = query<{ owner: number }>()((param) =>
    tables
      .selectFrom(table)
      .select((column) => column.fn.countAll<number>().as('count'))
      .where(owner, '=', param('owner')),
  )
  const page = query<{ owner: number } & Slice>()((param) =>
    data.where(owner, '=', param('owner')).orderBy('id').limit(param('limit')).offset(param('offset')),
  )
  const one = query<Key>()((param) => data.where('id', '=', param('id')).where(owner, '=', param('owner')))
  const named = query<Omit<Columns, 'value'>>()((param) =>
    data
      .where(owner, '=', param('owner'))
      .where('category', '=', param('category'))
      .where('key', '=', param('key')),
  )
  const insert = query<Columns>()((param) =>
    tables
      .insertInto(table)
      .columns([ownerColumn as 'test', 'category', 'key', 'value'])
      .expression(sql`VALUES (${param('owner')}, ${param('category')}, ${param('key')}, ${param('value')})`),
  )
  const update = query<Columns & Key>()((param) =>
    tables
      .updateTable(table)
      .set({ category: param('category'), key: param('key'), value: param('value') })
      .where('id', '=', param('id')),
  )
  const remove = query<Key>()((param) =>
    tables.deleteFrom(table).where('id', '=', param('id')).where(owner, '=', param('owner')),
  )

  const some = someRows(name, ownerColumn)

  const find = (connection: Connection, key: Key): Promise<DatumRow | undefined> => connection.first(one, key)
  const notUnique = () => new NotUnique(ownerColumn, 'category', 'key')
  return {
    find,
    count: async (connection: Connection, owner: number): Promise<number> =>
      (await connection.first(counted, { owner }))?.count ?? 0,
    /** Their number, or a lower bound where there are many. */
    countSome: async (connection: Connection, owner: number): Promise<number> =>
      (await connection.first(some, { owner }))?.count ?? 0,
    list: (connection: Connection, owner: number, slice: Slice): Promise<DatumRow[]> =>
      connection.allOfAnswer(page, { owner, ...slice }),
    /** Adds a datum, or finds the identical one. @throws NotUnique when the key has another value. */
    async store(connection: Connection, owner: number, { category, key, value = null }: NewDatum) {
      const row = { owner, category: category ?? DEFAULT_CATEGORY, key, value }
      const stored = await connection.first(named, row)
      if (!stored) return { id: await connection.insert(insert, row), added: true }
      if (stored.value !== value) throw notUnique()
      return { id: stored.id, added: false }
    },
    /** @returns it before and after. @throws NotFound; NotUnique when another datum has the new category and key. */
    async change(connection: Connection, key: Key, value: Partial<NewDatum>): Promise<DatumRow[]> {
      const datum = await find(connection, key)
      if (!datum) throw new NotFound()
      const row = { ...datum, ...value, ...key }
      if (((await connection.first(named, row))?.id ?? key.id) !== key.id) throw notUnique()
      await connection.run(update, row)
      return [datum, row]
    },
    /** @returns what it was. @throws NotFound */
    async remove(connection: Connection, key: Key): Promise<DatumRow> {
      const datum = await find(connection, key)
      if (!datum) throw new NotFound()
      await connection.run(remove, key)
      return datum
    },
  }
}

export const jobData = dataTable('job_data', 'job')
export const testData = dataTable('test_data', 'test')

const sizeOfTestData = query<{ test: number }>()((param) =>
  tables
    .selectFrom('test_data')
    .select(sql<number>`coalesce(sum(octet_length(value)), 0)`.as('bytes'))
    .where('test', '=', param('test')),
)

/** The size of all values of a test together. */
export async function bytesOfTestData(connection: Connection, test: number): Promise<number> {
  return (await connection.first(sizeOfTestData, { test }))?.bytes ?? 0
}

/** Adds a datum of a job, or finds the identical one. @throws NotUnique when the key has another value. */
export async function storeJobDatum(connection: Connection, job: number, datum: NewDatum) {
  const stored = await jobData.store(connection, job, datum)
  if (stored.added) await noteTimeout(connection, job, [datum])
  return stored
}

/** What came, went or changed may say whether a test hung, or was cut off with its job. */
async function noteTimeout(
  connection: Connection,
  job: number,
  data: readonly (DatumRow | NewDatum)[],
): Promise<void> {
  if (data.some(tellsTimeout)) await markStaleJob(connection, job)
}

/** @throws NotFound when the job is deleted; NotUnique. */
export const addJobDatum = defineWrite(
  'addJobDatum',
  async (connection, { owner, value }: { owner: JobRef; value: NewDatum }) => {
    await requireJob(connection, owner.job)
    connection.markChanged('job', owner.job)
    return { id: (await storeJobDatum(connection, owner.job, value)).id }
  },
)

export const changeJobDatum = defineWrite(
  'changeJobDatum',
  async (connection, { owner, id, value }: { owner: JobRef; id: number; value: Partial<NewDatum> }) => {
    await noteTimeout(
      connection,
      owner.job,
      await jobData.change(connection, { owner: owner.job, id }, value),
    )
    connection.markChanged('job', owner.job)
  },
)

export const deleteJobDatum = defineWrite(
  'deleteJobDatum',
  async (connection, { owner, id, actor }: { owner: JobRef; id: number; actor: Actor }) => {
    await noteTimeout(connection, owner.job, [await jobData.remove(connection, { owner: owner.job, id })])
    connection.markChanged('job', owner.job)
    await record(connection, actor, 'deleted', `datum ${id} of job ${owner.jobId}`)
  },
)

/** @throws NotFound when the test is deleted; NotUnique. */
export const addTestDatum = defineWrite(
  'addTestDatum',
  async (connection, { owner, value }: { owner: TestOwner; value: NewDatum }) => {
    await requireTest(connection, owner)
    connection.markChanged('job', owner.job)
    return { id: (await testData.store(connection, owner.test, value)).id }
  },
)

export const changeTestDatum = defineWrite(
  'changeTestDatum',
  async (connection, { owner, id, value }: { owner: TestOwner; id: number; value: Partial<NewDatum> }) => {
    await testData.change(connection, { owner: owner.test, id }, value)
    connection.markChanged('job', owner.job)
  },
)

export const deleteTestDatum = defineWrite(
  'deleteTestDatum',
  async (connection, { owner, id, actor }: { owner: TestOwner; id: number; actor: Actor }) => {
    await testData.remove(connection, { owner: owner.test, id })
    connection.markChanged('job', owner.job)
    await record(connection, actor, 'deleted', `datum ${id} of test ${owner.test} of job ${owner.jobId}`)
  },
)
