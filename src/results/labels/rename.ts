// Renames a host, or joins it with another one. The jobs of it move a few at a time, in the background; a stored task lets
// the rest move after a restart.

import { sql } from 'kysely'
import { type Actor, record } from '../../audit/log'
import { Conflict, NotFound } from '../../lib/errors'
import { type Database, defineWrite } from '../../storage/database'
import { type Connection, query, tables } from '../../storage/query'
import { endTask, findTask, putTask } from '../../storage/tasks'
import { hosts } from './hosts'
import { placeJob } from './place'

/** How many jobs one transaction moves, which takes the writer a few milliseconds. */
const MAX_JOBS = 100
const PREFIX = 'rename host '
/** Sorts after every task with this prefix. */
const END = 'rename host!'

interface Renaming {
  from: string
  to: string
}

const tasksBetween = query<{ start: string; end: string }>()((param) =>
  tables
    .selectFrom('task')
    .select('state')
    .where('name', '>', param('start'))
    .where('name', '<', param('end'))
    .orderBy('name')
    .limit(1000),
)
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
    .where(sql<number>`+host`, '=', param('host'))
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
export function getHost(connection: Connection, name: string) {
  const host = hosts.find(connection, name)
  const found = host === undefined ? undefined : connection.first(countOfHost, { host })
  const renaming = findTask<Renaming>(connection, PREFIX + name)
  if (!found || (found.jobs === 0 && !renaming)) throw new NotFound()
  return { name, ...found, renamedTo: renaming?.to }
}

function renamings(connection: Connection): Renaming[] {
  return connection
    .all(tasksBetween, { start: PREFIX, end: END })
    .map(({ state }) => JSON.parse(state) as Renaming)
}

/**
 * Notes that a host gets another name. renameHosts() then moves its jobs.
 *
 * @throws NotFound; Conflict while one of the two names is being renamed.
 */
export const beginRename = defineWrite(
  'beginRename',
  (connection, { from, to, actor }: Renaming & { actor: Actor }): { jobs: number } => {
    const { jobs } = getHost(connection, from)
    if (from === to) return { jobs: 0 }
    const running = renamings(connection).find((other) =>
      [other.from, other.to].some((name) => name === from || name === to),
    )
    if (running?.from === from && running.to === to) return { jobs }
    if (running) {
      throw new Conflict(`${running.from} is being renamed to ${running.to}: try again when that is done.`)
    }
    putTask(connection, PREFIX + from, { from, to })
    record(connection, actor, 'host-renamed', `host ${from}`, `to ${to}, ${jobs} jobs`)
    return { jobs }
  },
)

/** Moves the next jobs of a host to its new name. @returns whether all are moved */
export const moveNextJobs = defineWrite(
  'moveNextJobs',
  (connection, { from }: { from: string }): { done: boolean } => {
    const task = findTask<Renaming>(connection, PREFIX + from)
    const host = task && hosts.find(connection, from)
    if (!task || host === undefined) return { done: true }
    const page = { host, limit: MAX_JOBS }
    const jobs = [...connection.all(jobsOfHost, page), ...connection.all(hiddenJobsOfHost, page)]
    for (const { number: job } of jobs) {
      connection.run(renameLabel, { job, ...task })
      connection.run(renameReported, { job, ...task })
      placeJob(connection, job)
    }
    if (jobs.length === 0) endTask(connection, PREFIX + from)
    return { done: jobs.length === 0 }
  },
)

/** Moves the jobs of all hosts that are being renamed. */
export async function renameHosts(database: Database, stop?: AbortSignal): Promise<void> {
  for (const { from } of database.read(renamings)) {
    while (!stop?.aborted && !(await database.write(moveNextJobs, { from })).done);
  }
}
