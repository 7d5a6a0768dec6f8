// Where a job ran: its host and branch, which the analysis compares. The label `host` comes before what was reported, and
// counts again when the label goes. A name that identifies no machine is stored as reported, and is no host.

import { type Connection, query, tables } from '../../storage/query'
import { leavePlace, markStaleJob } from '../core/stale-jobs'
import { describeElsewhere } from './generated-description'
import { betterHost, branches, hosts, identifiesHost, type ReportedHost } from './hosts'

const placeOf = query<{ job: number }>()((param) =>
  tables
    .selectFrom('job')
    .leftJoin('host', 'host.id', 'job.host')
    .select([
      'job.host',
      'job.branch',
      'job.reported_host as name',
      'job.host_source as source',
      'job.complete',
      'host.name as hostName',
    ])
    .where('job.number', '=', param('job')),
)
const placingLabels = query<{ job: number }>()((param) =>
  tables
    .selectFrom('job_label')
    .select(['key', 'value'])
    .where('job', '=', param('job'))
    .where('key', 'in', ['host', 'branch']),
)
const setPlace = query<{ job: number; host: number | null; branch: number | null }>()((param) =>
  tables
    .updateTable('job')
    .set({ host: param('host'), branch: param('branch') })
    .where('number', '=', param('job')),
)
const setReportedHost = query<{ job: number; name: string | null; source: number }>()((param) =>
  tables
    .updateTable('job')
    .set({ reported_host: param('name'), host_source: param('source') })
    .where('number', '=', param('job')),
)

/** Gives a job the host and branch that its labels and reports tell. Every change of those calls it. */
export async function placeJob(connection: Connection, job: number): Promise<void> {
  const stored = await connection.first(placeOf, { job })
  if (!stored) return
  const labels = await connection.all(placingLabels, { job })
  const labelOf = (name: string) => labels.find(({ key }) => key === name)?.value
  const name = labelOf('host') ?? stored.name
  const branchName = labelOf('branch')
  const host = name !== null && identifiesHost(name) ? await hosts.findOrAdd(connection, name) : null
  const branch = branchName === undefined ? null : await branches.findOrAdd(connection, branchName)
  if (host === stored.host && branch === stored.branch) return
  if (host !== stored.host) await leavePlace(connection, job)
  await connection.run(setPlace, { job, host, branch })
  if (stored.complete === 0) return
  connection.markChanged('job', job)
  await markStaleJob(connection, job)
  if (host !== stored.host)
    await describeElsewhere(connection, job, { from: stored.hostName, to: host === null ? null : name })
}

/** Notes the name of a job's host if it is from a better source than the one before. */
export async function reportHost(connection: Connection, job: number, reported: ReportedHost): Promise<void> {
  const stored = await connection.first(placeOf, { job })
  if (!stored) return
  const better = betterHost(stored, reported)
  if (better === stored) return
  await connection.run(setReportedHost, { job, ...better })
  await placeJob(connection, job)
}

/** The name of a job's host; null: unknown. */
export async function hostNameOf(connection: Connection, job: number): Promise<string | null> {
  return (await connection.first(placeOf, { job }))?.hostName ?? null
}
