// Whom the failures with one reason point at: the example of the definitions, as /clusters/ tells it.

import { expect, test } from 'bun:test'
import { formatTime } from '../../../src/lib/time'
import { NOW, withServer } from '../../support/server'
import { settle } from '../../support/settled'
import { DAY } from '../series/lab'

const server = withServer()

async function run(host: string, at: number, failed: boolean): Promise<void> {
  const time = formatTime(NOW - 10 * DAY + at * (DAY / 2))
  const fails = { status: 'FAIL', fail_reason: 'No such device' }
  const tests = [{ tag: '1-attach', ...(failed ? fails : { status: 'PASS' }) }]
  await server.makeJob({ id: `${host}-${at}`, time, labels: { host }, tests })
}

test('8 of 10 here and 1 of 90 elsewhere: the host', async () => {
  for (let at = 0; at < 10; at++) {
    await run('sick', at, at >= 2)
    for (let other = 0; other < 9; other++) await run(`rack${other}`, at, other === 0 && at === 4)
  }
  await settle(server)
  const [cluster] = (await server.client.get('/clusters/')).body.results
  expect([cluster.failures, cluster.blame.of, cluster.blame.host]).toEqual([9, 'host', 'sick'])
  expect(cluster.blame.probability.toFixed(4)).toBe('1.0000')
})

test('where it fails everywhere: the product; on one host alone nobody knows', async () => {
  for (let at = 0; at < 6; at++) await run('a', at, true)
  await settle(server)
  expect((await server.client.get('/clusters/')).body.results[0].blame).toBeNull()
  for (let at = 0; at < 6; at++) await run('b', at, true)
  await settle(server)
  const { blame } = (await server.client.get('/clusters/')).body.results[0]
  expect([blame.of, blame.host]).toEqual(['product', null])
})
