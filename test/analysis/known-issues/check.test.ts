// What is stored of known issues is compared with the runs, and found anew.

import { expect, test } from 'bun:test'
import { findWrongIncidentsQuery, repairIncidents } from '../../../src/analysis/known-issues/check'
import { openConnection } from '../../../src/storage/sqlite/connection'
import { withServer } from '../../support/server'
import { settle } from '../../support/settled'

const server = withServer()

test('check finds incidents that are wrong, and repair finds them anew', async () => {
  for (const id of ['a', 'b', 'c']) {
    const tests = [{ tag: '1-boot', status: 'FAIL', fail_reason: 'no boot' }]
    await server.makeJob({ id, tests })
  }
  for (const rule of [{ template: 'no boot' }, { pattern: 'no b+oot' }]) {
    await server.client.post('/known-issues/', { ...rule, report_subject: 'x' })
  }
  await settle(server)
  const lists = async () =>
    Promise.all([1, 2].map(async (id) => (await server.client.get(`/known-issues/${id}/incidents/`)).body))
  const before = await lists()
  expect(before.map(({ count }) => count)).toEqual([3, 3])
  expect(await server.database.read(findWrongIncidentsQuery)).toEqual([])
  const connection = openConnection(server.database.path)
  connection.database.run('DELETE FROM known_issue_incident')
  connection.database.run('DELETE FROM known_issue_match')
  connection.close()
  const wrong = [
    { what: 'tests whose failures are not those that known issues match', count: 1, examples: ['boot'] },
  ]
  expect(await server.database.read(findWrongIncidentsQuery)).toEqual(wrong)
  expect(await repairIncidents(server.database)).toEqual(wrong)
  expect(await lists()).toEqual(before)
  expect(await server.database.read(findWrongIncidentsQuery)).toEqual([])
})
