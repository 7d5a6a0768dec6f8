// Renames a host, or joins it with another one. The jobs of it move a few at a time, in the background; a stored task lets
// the rest move after a restart.

import { sql } from 'kysely'
import { type Actor, record } from '../../audit/log'
import { Conflict, NotFound } from '../../lib/errors'
import { type Database, defineQuery, defineWrite } from '../../storage/database'
import { type Connection, notIndexed, query, tables } from '../../storage/query'
import { endTask, findTask, listTasks, putTask } from '../../storage/tasks'
import { hosts } from './hosts'
import { placeJob } from './place'

/** How many jobs one transaction moves, which takes the writer a few milliseconds. */
const MAX_JOBS = 100
const PREFIX = 'rename host '
/** Hosts that are renamed at the same time. */
const MAX_RENAMINGS = 1000

interface Renaming {
  from: string
  to: string
}

const jobsOfHost = query<{ host: number; limit: number }>()((param) =>
  tables
    .selectFrom('job')
    .select('number')
    .where('host', '=', param('host'))
    .where(sql<boolean>`complete = 1`)
    .limit(param('limit')),
)
// Jobs that are being stored. They are few.
const hiddenJobsOfHost = query<{ host: number; limit: number }>()((param) =>
  tables
    .selectFrom('job')
    .select('number')
    .where(sql<boolean>`complete = 0`)
    .where(notIndexed<number>('host'), '=', param('host'))
    .limit(param('limit')),
)
const countOfHost = query<{ host: number }>()((param) =>
  tables
    .selectFrom('job')
    .select((column) => [column.fn.countAll<number>().as('jobs'), column.fn.max('time').as('last')])
    .where('host', '=', param('host'))
    .where(sql<boolean>`complete = 1`),
)
const renameLabel = query<{ job: number } & Renaming>()((param) =>
  tables
    .updateTable('job_label')
    .set({ value: param('to') })
    .where('job', '=', param('job'))
    .where('key', '=', 'host')
    .where('value', '=', param('from')),
)
const renameReported = query<{ job: number } & Renaming>()((param) =>
  tables
    .updateTable('job')
    .set({ reported_host: param('to') })
    .where('number', '=', param('job'))
    .where('reported_host', '=', param('from')),
)

/** How many visible jobs ran on a host, and when the last of them began. @throws NotFound when none did */
export async function getHost(connection: Connection, name: string) {
  const host = await hosts.find(connection, name)
  const found = host === undefined ? undefined : await connection.first(countOfHost, { host })
  const renaming = await findTask<Renaming>(connection, PREFIX + name)
  if (!found || (found.jobs === 0 && !renaming)) throw new NotFound()
  return { name, ...found, renamedTo: renaming?.to }
}

export const getHostQuery = defineQuery('getHost', getHost)

/** The hosts that are being renamed. */
export const listRenamings = defineQuery('listRenamings', async (connection) =>
  (await listTasks<Renaming>(connection, PREFIX, MAX_RENAMINGS)).map(({ state }) => state),
)

/**
 * Notes that a host gets another name. renameHosts() then moves its jobs.
 *
 * @throws NotFound; Conflict while one of the two names is being renamed.
 */
export const beginRename = defineWrite(
  'beginRename',
  async (connection, { from, to, actor }: Renaming & { actor: Actor }): Promise<{ jobs: number }> => {
    const { jobs } = await getHost(connection, from)
    if (from === to) return { jobs: 0 }
    const running = (await listRenamings.run(connection, {})).find((other) =>
      [other.from, other.to].some((name) => name === from || name === to),
    )
    if (running?.from === from && running.to === to) return { jobs }
    if (running) {
      throw new Conflict(`${running.from} is being renamed to ${running.to}: try again when that is done.`)
    }
    await putTask(connection, PREFIX + from, { from, to })
    await record(connection, actor, 'host-renamed', `host ${from}`, `to ${to}, ${jobs} jobs`)
    return { jobs }
  },
)

/** Moves the next jobs of a host to its new name. @returns whether all are moved */
export const moveNextJobs = defineWrite(
  'moveNextJobs',
  async (connection, { from }: { from: string }): Promise<{ done: boolean }> => {
    const task = await findTask<Renaming>(connection, PREFIX + from)
    const host = task && (await hosts.find(connection, from))
    if (!task || host === undefined) return { done: true }
    const page = { host, limit: MAX_JOBS }
    const jobs = [
      ...(await connection.all(jobsOfHost, page)),
      ...(await connection.all(hiddenJobsOfHost, page)),
    ]
    for (const { number: job } of jobs) {
      await connection.run(renameLabel, { job, ...task })
      await connection.run(renameReported, { job, ...task })
      await placeJob(connection, job)
    }
    if (jobs.length === 0) await endTask(connection, PREFIX + from)
    return { done: jobs.length === 0 }
  },
)

/** Moves the jobs of all hosts that are being renamed. */
export async function renameHosts(database: Database, stop?: AbortSignal): Promise<void> {
  for (const { from } of await database.read(listRenamings)) {
    while (!stop?.aborted && !(await database.write(moveNextJobs, { from })).done);
  }
}
