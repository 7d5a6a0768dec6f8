// Masks the labels of jobs and the hosts that were reported for them, of which hosts and branches are made.

import { branches, hosts } from '../../results/labels/hosts'
import { placeJob } from '../../results/labels/place'
import { replaceLabels, storedLabels } from '../../results/labels/queries'
import { maskText } from '../../secrets/mask'
import { type Connection, dynamicQuery, tables } from '../../storage/query'

const renameIn = (table: 'host' | 'branch') =>
  dynamicQuery<{ id: number; name: string }>('maskPlace')((param) =>
    tables
      .updateTable(table)
      .set({ name: param('name') })
      .where('id', '=', param('id')),
  )
const places = {
  host: { names: hosts, rename: renameIn('host') },
  branch: { names: branches, rename: renameIn('branch') },
}

/** Masks the labels of a job, and the names of its host and branch with them. */
export async function maskLabels(connection: Connection, job: number): Promise<void> {
  const stored = await storedLabels(connection, job)
  const masked = stored.map((label) => ({ ...label, value: maskText(label.value) }))
  for (const [index, { key, value }] of masked.entries()) {
    const before = stored[index]?.value ?? value
    if (value !== before && (key === 'host' || key === 'branch')) {
      await maskPlace(connection, key, before, value)
    }
  }
  // Two values may be the same when they are masked.
  const distinct = new Map(masked.map((label) => [JSON.stringify([label.key, label.value]), label]))
  await replaceLabels(connection, job, [...distinct.values()])
}

const setReported = dynamicQuery<{ job: number; name: string }>('maskReportedHost')((param) =>
  tables
    .updateTable('job')
    .set({ reported_host: param('name') })
    .where('number', '=', param('job')),
)

/** Masks the host that was reported for a job, and the name of its host if that is from the report. */
export async function maskReportedHost(
  connection: Connection,
  job: number,
  before: string,
  masked: string,
): Promise<void> {
  await maskPlace(connection, 'host', before, masked)
  await connection.run(setReported, { job, name: masked })
  await placeJob(connection, job)
}

/** A running server may have made the host or branch again, of a label that was not masked yet. */
async function maskPlace(
  connection: Connection,
  key: keyof typeof places,
  before: string,
  masked: string,
): Promise<void> {
  const { names, rename } = places[key]
  const id = await names.find(connection, before)
  if (id === undefined) return
  const isTaken = (await names.find(connection, masked)) !== undefined
  await connection.run(rename, { id, name: isTaken ? `${masked}#${id}` : masked })
}
