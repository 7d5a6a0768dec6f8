// The tasks that the features list, each run once on a server.

import { expect, test } from 'bun:test'
import { features } from '../../src/server/features'
import { tar } from '../ingest/archives'
import { withServer } from '../support/server'

const server = withServer()
const settings = { database: '', auditDays: 1, backupTo: undefined, backupEvery: 0, backupKeep: 0 }
const HOUR = 3600 * 1_000_000

function run(name: string, stop = new AbortController().signal) {
  const task = features.flatMap(({ tasks = [] }) => tasks).find((task) => task.name === name)
  if (!task) throw new Error(`no task ${name}`)
  return task.run(server.services, settings, stop)
}

const countOfAudit = async () => (await server.client.get('/audit/')).body.count

test('a job that runs is stale when nobody has reported on it for 10 minutes', async () => {
  const id = 'a'.repeat(40)
  const body = JSON.stringify({ id, running: true, tests: [{ tag: '1-a' }] })
  await server.client.request('POST', '/imports/', { body: `${body}\n` })
  const statusOf = async () => (await server.stranger.get(`/jobs/${id}/`)).body.status
  const before = await statusOf()
  await run('expire-stale-jobs')
  expect(await statusOf()).toBe(before)
  server.now += HOUR
  await run('expire-stale-jobs')
  expect([before, await statusOf()]).toEqual(['RUNNING', 'NOSTATUS'])
})

test('the audit log is shortened to --audit-days, unless the server is stopping', async () => {
  expect(await countOfAudit()).toBe(2)
  await run('shorten-audit-log')
  expect(await countOfAudit()).toBe(2)
  server.now += 25 * HOUR
  await run('shorten-audit-log', AbortSignal.abort())
  expect(await countOfAudit()).toBe(2)
  await run('shorten-audit-log')
  expect(await countOfAudit()).toBe(0)
})

test('without --backup-to no backups are made, and nothing waits for them', async () => {
  expect(await run('scheduled-backups')).toBeUndefined()
})

test('the files of a deleted test are removed from the disk', async () => {
  const log = 'x'.repeat(100_000) + Math.random()
  const body = tar([
    {
      name: 'job/results.json',
      content: JSON.stringify({
        job_id: 'b'.repeat(40),
        tests: [{ id: '1-a', status: 'PASS', logfile: 'a' }],
      }),
    },
    { name: 'job/test-results/1-a/debug.log', content: log },
  ])
  expect((await server.client.request('POST', '/imports/', { body })).status).toBe(201)
  const { results } = (await server.client.get(`/jobs/${'b'.repeat(40)}/tests/`)).body
  await run('sweep-files') // which measures them
  await server.client.delete(`/jobs/${'b'.repeat(40)}/tests/${results[0].id}/`)
  expect(server.files.storedBytes).toBeGreaterThan(0)
  await run('sweep-unnamed-files')
  expect(server.files.storedBytes).toBe(0)
})
