// A server that runs beside redact may make a host or branch again, of a label or report that is not masked yet. Masking
// the label or report masks that, too.

import { expect, test } from 'bun:test'
import { maskTexts } from '../../../src/operations/redaction/texts'
import { openConnection } from '../../../src/storage/sqlite/connection'
import { withServer } from '../../support/server'

const server = withServer()
const secret = 'http://user:password@host'
const masked = 'http://user:********@host'

/** Two jobs on a host and of a branch with a secret, and what of them is masked already. */
async function makeJobs(change: string[]): Promise<void> {
  for (const id of ['a1', 'b2']) {
    await server.client.post('/jobs/', { id, labels: { host: masked, branch: masked } })
  }
  const connection = openConnection(server.database.path)
  for (const text of change) connection.database.run(text.replaceAll('SECRET', secret))
  connection.close()
}

async function mask(name: string): Promise<void> {
  const progress = { part: name, after: 0, until: 2, masked: {} }
  await server.database.write(maskTexts, { name, ids: [1, 2], progress })
}

/** The rows of the tables of names, and the name that each job has. */
function places() {
  const connection = openConnection(server.database.path)
  const names = (query: string) => connection.database.query(query).values().flat()
  const found = {
    hosts: names('SELECT name FROM host ORDER BY id'),
    branches: names('SELECT name FROM branch ORDER BY id'),
    ofJobs: names('SELECT host.name FROM job JOIN host ON host.id = job.host ORDER BY number'),
  }
  connection.close()
  return found
}

test('a host and a branch of labels are masked with the labels, and keep their ids', async () => {
  await makeJobs([
    "UPDATE job_label SET value = 'SECRET'",
    "UPDATE host SET name = 'SECRET'",
    "UPDATE branch SET name = 'SECRET'",
  ])
  await mask('job_label')
  expect(places()).toEqual({ hosts: [masked], branches: [masked], ofJobs: [masked, masked] })
})

test('where the masked name is taken, the jobs move there, and the row that is left tells nothing', async () => {
  await makeJobs([
    "UPDATE job_label SET value = 'SECRET' WHERE job = 2",
    "INSERT INTO host (name) VALUES ('SECRET')",
    "INSERT INTO branch (name) VALUES ('SECRET')",
    'UPDATE job SET host = 2, branch = 2 WHERE number = 2',
  ])
  await mask('job_label')
  const both = [masked, `${masked}#2`]
  expect(places()).toEqual({ hosts: both, branches: both, ofJobs: [masked, masked] })
})

test('a host that was reported is masked with the report', async () => {
  await makeJobs([
    'DELETE FROM job_label',
    "UPDATE job SET reported_host = 'SECRET', host_source = 3",
    "UPDATE host SET name = 'SECRET'",
  ])
  await mask('reported_host')
  expect(places()).toEqual({ hosts: [masked], branches: [masked], ofJobs: [masked, masked] })
})
