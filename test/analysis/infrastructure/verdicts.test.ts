// Which jobs are infrastructure, by what the server stores once all is settled.

import { expect, test } from 'bun:test'
import { ownQuery } from '../../support/own-query'
import { withServer } from '../../support/server'
import { settle } from '../../support/settled'
import { environmentOf } from '../series/lab'
import { post, postNights } from './lab'

const server = withServer()

async function verdicts(): Promise<Record<string, string>> {
  await settle(server)
  return server.database.read(
    ownQuery(async ({ database }) => {
      using statement = database.prepare<{ id: string; verdict: string; recovered: number }, []>(
        'SELECT id, verdict, recovered FROM job_verdict JOIN job ON number = job ORDER BY id',
      )
      return Object.fromEntries(
        statement
          .all()
          .map(({ id, verdict, recovered }) => [id, `${verdict}${recovered ? ', recovered' : ''}`]),
      )
    }),
  )
}

const GOOD = 'PPPPPPPPPPPP'
const NIGHT = 'EEPEEFEPEEEE' // 9 of 12, by chance

test('a night on which many tests fail is suspected, and infrastructure once they pass again', async () => {
  await postNights(server, [GOOD, GOOD, NIGHT])
  expect(await verdicts()).toEqual({ 'rack1-2': 'suspected' })
  await post(server, { id: 'same-night', ago: 0.8, results: GOOD })
  expect(await verdicts()).toEqual({ 'rack1-2': 'suspected' })
  await post(server, { id: 'next', ago: 0.2, results: GOOD })
  expect(await verdicts()).toEqual({ 'rack1-2': 'infrastructure, recovered' })
})

test('few failures, or a smaller share, are no mass failure', async () => {
  await postNights(server, [
    GOOD,
    'EEEEPPPPPPPP',
    GOOD,
    GOOD.repeat(2),
    'EEEEE'.padEnd(24, 'P'),
    GOOD.repeat(2),
  ])
  expect(await verdicts()).toEqual({})
})

test('what keeps failing is none: neither infrastructure nor suspected any more', async () => {
  await postNights(server, [GOOD, NIGHT, NIGHT, NIGHT])
  expect(await verdicts()).toEqual({ 'rack1-1': 'none' })
})

test('mostly FAIL is not suspected', async () => {
  await postNights(server, [GOOD, 'FFPFEFFPFFFF'])
  expect(await verdicts()).toEqual({ 'rack1-1': 'none' })
})

test('a kernel that is bad for one night is not infrastructure', async () => {
  const environment = (kernel: string) => environmentOf(server, '43', ['bash=1', `kernel=${kernel}`])
  const [good, bad] = [await environment('1'), await environment('2')]
  await postNights(server, [
    { results: GOOD, environment: good },
    { results: NIGHT, environment: bad },
    { results: GOOD, environment: good },
  ])
  expect(await verdicts()).toEqual({ 'rack1-1': 'none, recovered' })
})

test('another component may change before and after: it is not the one that broke and mended', async () => {
  const one = await environmentOf(server, '43', ['bash=1', 'qemu=1'])
  const two = await environmentOf(server, '43', ['bash=2', 'qemu=1'])
  const three = await environmentOf(server, '43', ['bash=2', 'qemu=2'])
  await postNights(server, [
    { results: GOOD, environment: one },
    { results: NIGHT, environment: two },
    { results: GOOD, environment: three },
  ])
  expect(await verdicts()).toEqual({ 'rack1-1': 'infrastructure, recovered' })
})

test('a branch that breaks whole tests is not infrastructure, though other branches pass', async () => {
  const broken = 'EEPPEEEEPPEE' // 4 of 6 tests, each in all its variants
  await postNights(server, [
    { results: GOOD, branch: 'stable' },
    GOOD,
    { results: broken, branch: 'stable' },
    GOOD,
    GOOD,
    GOOD,
  ])
  expect(await verdicts()).toEqual({ 'rack1-2': 'none' })
})

test('a regression of ERRORs that begins on every host in one night is not suspected', async () => {
  const broken = 'EEPPEEEEPPEE'
  for (const host of ['a', 'b', 'c']) await postNights(server, [GOOD, GOOD, broken], { host })
  expect(await verdicts()).toEqual({ 'a-2': 'none', 'b-2': 'none', 'c-2': 'none' })
})

test('a disk that is full from some test on is suspected: all fail after that moment', async () => {
  await postNights(server, [GOOD, GOOD, 'PPPPEEEEEEEE'])
  expect(await verdicts()).toEqual({ 'rack1-2': 'suspected' })
})

test('a bad night is not the last run: the next bad night is compared with the one before', async () => {
  await postNights(server, [GOOD, NIGHT, '-', GOOD, NIGHT, GOOD])
  expect(await verdicts()).toEqual({
    'rack1-1': 'infrastructure, recovered',
    'rack1-4': 'infrastructure, recovered',
  })
})
