// What is stored of mass failures, and how it differs from what the runs tell now.

import { sql } from 'kysely'
import type { Microseconds } from '../../lib/time'
import { excluded } from '../../storage/excluded'
import { type Connection, notIndexed, query, tables } from '../../storage/query'
import type { Judgement, Verdict } from './judge'

/** A judged job, as the table has it. `host`: 0 is unknown. */
export interface StoredVerdict {
  job: number
  host: number
  time: Microseconds
  until: Microseconds
  verdict: Verdict
  recovered: number
  expected: number
  broken: number
  errors: number
  runs: number
  passed_again: number | null
  ran_again: number
  excused: number
  selective: number
  relapses: number
}

const columns = [
  ...(['job', 'host', 'time', 'until', 'verdict', 'recovered', 'expected', 'broken', 'errors'] as const),
  ...(['runs', 'passed_again', 'ran_again', 'excused', 'selective', 'relapses'] as const),
] as const

const ofJob = query<{ job: number }>()((param) =>
  tables.selectFrom('job_verdict').select(columns).where('job', '=', param('job')),
)
const atPlace = query<{ host: number; time: Microseconds }>()((param) =>
  tables
    .selectFrom('job_verdict')
    .select(columns)
    .where('host', '=', param('host'))
    .where('time', '=', param('time')),
)
// Those that a run at this time may still change.
const awaiting = query<{ host: number; time: Microseconds; limit: number }>()((param) =>
  tables
    .selectFrom('job_verdict')
    .select(columns)
    .where('host', '=', param('host'))
    .where('until', '>=', param('time'))
    .where(sql<boolean>`${notIndexed('time')} < ${param('time')}`)
    .orderBy('until')
    .limit(param('limit')),
)

export async function storedVerdict(connection: Connection, job: number): Promise<StoredVerdict | undefined> {
  return (await connection.first(ofJob, { job })) as StoredVerdict | undefined
}

export async function verdictsAt(
  connection: Connection,
  place: { host: number; time: Microseconds },
): Promise<StoredVerdict[]> {
  return (await connection.all(atPlace, place)) as StoredVerdict[]
}

export async function verdictsAwaiting(
  connection: Connection,
  place: { host: number; time: Microseconds; limit: number },
): Promise<StoredVerdict[]> {
  return (await connection.all(awaiting, place)) as StoredVerdict[]
}

export function toStored(
  { number, host, time }: { number: number; host: number | null; time: Microseconds },
  { recovered, selective, ...judgement }: Judgement,
): StoredVerdict {
  return {
    job: number,
    host: host ?? 0,
    time,
    ...judgement,
    recovered: Number(recovered),
    selective: Number(selective),
  }
}

/** Whether a job is not the last run of anything, by what is stored of it. */
export function isLeftOut(stored: Pick<StoredVerdict, 'verdict' | 'recovered'> | null | undefined): boolean {
  return stored != null && (stored.recovered === 1 || stored.verdict === 'infrastructure')
}

type Row = StoredVerdict
const put = query<Row>()((param) =>
  tables
    .insertInto('job_verdict')
    .values({
      job: param('job'),
      host: param('host'),
      time: param('time'),
      until: param('until'),
      verdict: param('verdict'),
      recovered: param('recovered'),
      expected: param('expected'),
      broken: param('broken'),
      errors: param('errors'),
      runs: param('runs'),
      passed_again: sql`${param('passed_again')}`,
      ran_again: param('ran_again'),
      excused: param('excused'),
      selective: param('selective'),
      relapses: param('relapses'),
    })
    .onConflict((conflict) =>
      conflict
        .column('job')
        .doUpdateSet(
          excluded(
            'host',
            'time',
            'until',
            'verdict',
            'recovered',
            'expected',
            'broken',
            'errors',
            'runs',
            'passed_again',
            'ran_again',
            'excused',
            'selective',
            'relapses',
          ),
        ),
    ),
)
const remove = query<{ job: number }>()((param) =>
  tables.deleteFrom('job_verdict').where('job', '=', param('job')),
)

export async function putVerdict(connection: Connection, row: StoredVerdict): Promise<void> {
  await connection.run(put, row)
}

export async function removeVerdict(connection: Connection, job: number): Promise<void> {
  await connection.run(remove, { job })
}
