// Writers by ResultsDB's API: a group is a job, a result is a test.

import { jobFacts } from './jobs'
import { post, type Story, type Turn } from './steps'

export function* groups({ id }: Turn): Story {
  yield post('/api/v2.0/groups', { uuid: id, description: 'group' }, { makes: jobFacts(id, 'group') })
  yield post('/api/v2.0/testcases', { name: 'pass.py' }) // it is there with its first result
  const other = `${id}-other`
  // One result in two groups: one job after the other. The other is new with it.
  yield post('/api/v2.0/results', result('1-pass.py', 'PASS', id, other), passes(id), {
    // Named by what it ran, because nobody has named it.
    makes: { ...passes(other).makes, [other]: 'pass.py', [`${other}/data/named after its tests`]: 'pass.py' },
  })
  yield post('/api/v2.0/results', result('2-fail.py', 'FAIL', id), {
    makes: {
      [`${id}/status`]: 'FAIL',
      [`${id}/tests/2-fail.py`]: 'FAIL',
      ...dataFacts(`${id}/tests/2-fail.py`, '2-fail.py', 'FAIL'),
    },
  })
}

const result = (tag: string, status: 'PASS' | 'FAIL', ...groups: string[]) => ({
  outcome: `${status}ED`,
  testcase: tag.slice(2),
  groups,
  data: { status, logdir: `/results/${tag}` },
})

const passes = (job: string) => ({
  makes: {
    // Nothing tells that no more results will come.
    [`${job}/status`]: 'RUNNING',
    [`${job}/tests/1-pass.py`]: 'PASS',
    ...dataFacts(`${job}/tests/1-pass.py`, '1-pass.py', 'PASS'),
  },
})

const dataFacts = (test: string, tag: string, status: string) => ({
  [`${test}/data/status`]: status,
  [`${test}/data/logdir`]: `/results/${tag}`,
})
