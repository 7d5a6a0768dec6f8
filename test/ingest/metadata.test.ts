// What a job's folder tells beside its tests is data of the job and of its tests.

import { expect, test } from 'bun:test'
import { readJobdata } from '../../src/ingest/formats/jobdata'
import { withServer } from '../support/server'
import { tar } from './archives'
import { resultsJson, type SourceTest } from './avocado-sources'

const server = withServer()
const JOB = 'efefefefefefefefefefefefefefefefefefefef'

const passed: SourceTest = { id: '1-/bin/true;run-a', name: '/bin/true;run-a', status: 'PASS', at: 1 }
const failed: SourceTest = { id: '2-/bin/true;run-b', name: '/bin/true;run-b', status: 'FAIL', at: 5 }

const directory = async (files: Record<string, string>) => {
  const entries = Object.entries(files).map(([name, content]) => ({ name: `job/${name}`, content }))
  const { body } = await server.client.request('POST', '/imports/', { body: tar(entries) })
  return body.jobs[0].warnings
}
const dataOf = async (path: string, category: string) =>
  Object.fromEntries(
    (await server.stranger.all(`${path}/data/`))
      .filter((datum) => datum.category === category)
      .map(({ key, value }) => [key, value]),
  )
const facts = async () => {
  const all = await dataOf(`/jobs/${JOB}`, 'avocado')
  return Object.fromEntries(Object.entries(all).filter(([key]) => !key.startsWith('named after')))
}

test('version, command line, working directory, references and those without a test, exit code', async () => {
  await directory({
    'results.json': resultsJson(JOB, [passed, failed]),
    'jobdata/cmdline': "['avocado', 'run', \"it's.py\", '/bin/true']",
    'jobdata/pwd': '/home/lab',
    'jobdata/test_references': "['/bin/true', 'missing.py', 'recipe.json']",
    'jobdata/args.json': JSON.stringify({ 'run.ignore_missing_references': true }),
    'job.log':
      '2026-11-24 11:00:00,1 avocado.job job L0315 INFO | Command line: x\n' +
      '2026-11-24 11:00:00,2 avocado.job job L0309 INFO | Avocado version: 113.0\n',
  })
  expect(await facts()).toEqual({
    version: '113.0',
    'command line': `avocado run 'it'\\''s.py' /bin/true`,
    'working directory': '/home/lab',
    references: '/bin/true\nmissing.py\nrecipe.json',
    'references without a test': 'missing.py',
    'exit code': '1',
  })
})

test.each([
  [{ 'job.run.timeout': 90 }, '90'],
  [{ 'job.run.timeout': '1h' }, '1h'],
  [{ job_timeout: '600' }, '600'],
  [{ 'job.run.timeout': 0 }, undefined],
  [{ 'job.run.timeout': null }, undefined],
  [{ 'job.run.timeout': { a: 1 } }, undefined],
])('the time-out of a job is read from its configuration: %j', async (args, timeout) => {
  await directory({
    'results.json': resultsJson(JOB, [passed]),
    'jobdata/args.json': JSON.stringify(args),
  })
  expect((await facts())['job timeout']).toBe(timeout)
})

test('the exit code is that of Avocado: 1 for failures, 8 for an interruption; unknown where tests are', async () => {
  const all = [passed, failed, { ...failed, id: '3-c', name: 'c', status: 'INTERRUPTED' }]
  await directory({ 'results.json': resultsJson(JOB, all) })
  expect(await facts()).toEqual({ 'exit code': '9' })
  await server.client.delete(`/jobs/${JOB}/`)
  await directory({ 'results.json': resultsJson(JOB, all, { total: 5 }) })
  expect(await facts()).toEqual({})
})

test('the parameters of a variant, by path and key, are data of the tests that ran with it', async () => {
  const variant = (id: string, value: unknown) => ({
    paths: ['/run/*'],
    variant_id: id,
    variant: [
      ['/run/cpu', [['/run/cpu', 'model', value]]],
      ['/run', [['/run', 'disk', 'a:b']]],
    ],
  })
  await directory({
    'results.json': resultsJson(JOB, [passed, failed]),
    'jobdata/variants-1.json': JSON.stringify([variant('run-a', 'host'), variant('run-b', 7)]),
  })
  const [one, two] = await server.stranger.all(`/jobs/${JOB}/tests/`)
  expect(await dataOf(`/jobs/${JOB}/tests/${one?.id}`, 'parameters')).toEqual({
    '/run/cpu:model': 'host',
    '/run:disk': 'a:b',
  })
  expect(await dataOf(`/jobs/${JOB}/tests/${two?.id}`, 'parameters')).toMatchObject({ '/run/cpu:model': '7' })
})

test('variants of older Avocados are lists of lists, and a file of each suite names the suite', () => {
  const one = { variant_id: 'v', variant: [['/', [['/', 'k', 'x']]]] }
  const { parameters, suites } = readJobdata(
    new Map([
      ['variants.json', JSON.stringify([[one]])],
      ['variants-2-rhel-9-slow.json', '[]'],
    ]),
    '',
  )
  expect([[...parameters.values()], suites]).toEqual([
    [[{ category: 'parameters', key: '/:k', value: 'x' }]],
    ['rhel-9-slow'],
  ])
})

test('what has changed on the machine between before and after', async () => {
  await directory({
    'results.json': resultsJson(JOB, [passed]),
    'sysinfo/pre/mounts': 'a\nb\nb\nc\n',
    'sysinfo/post/mounts': 'a\nb\nd\nc\n',
    'sysinfo/pre/modules': 'same\n',
    'sysinfo/post/modules': 'same\n',
    'sysinfo/post/added_packages': 'vim-9.1-1.x86_64\n',
    'sysinfo/removed_packages': '\n',
  })
  expect(await dataOf(`/jobs/${JOB}`, 'sysinfo changes')).toEqual({
    mounts: '-b\n+d',
    added_packages: 'vim-9.1-1.x86_64',
  })
})

test('the wall time stands beside what the tests took together', async () => {
  await directory({ 'results.json': resultsJson(JOB, [passed, failed]) })
  const { body } = await server.stranger.get(`/jobs/${JOB}/`)
  expect([body.elapsed_time, body.wall_time]).toEqual([2, 5])
})

test('jobdata that nobody can read costs nothing but itself', async () => {
  const warnings = await directory({
    'results.json': resultsJson(JOB, [passed]),
    'jobdata/cmdline': '[b"x", 7]',
    'jobdata/test_references': 'None',
    'jobdata/args.json': '{"a": ',
    'jobdata/variants-1.json': '[[[[7]]], {"variant_id": "run-a", "variant": "x"}]',
  })
  expect(warnings).toEqual([])
  expect(await facts()).toEqual({ 'exit code': '0' })
})
