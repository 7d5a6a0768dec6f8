// Where the name of a suite ends, when nothing but the tags of a job tells: a suite counts its tests from 1 on.

import { expect, test } from 'bun:test'
import { splitterFor } from '../../src/ingest/formats/test-id'

/** `suite | number | name` of each tag. */
function split(tags: string[], suites?: string[]): string[] {
  const splitter = splitterFor(tags, suites ? { suites } : {})
  return tags.map((tag) => {
    const { prefix, suite } = splitter(tag)
    return [suite, prefix.slice(suite.length).replace(/^-|-$/g, ''), tag.slice(prefix.length)].join(' | ')
  })
}

const kinds: Record<string, [tags: string[], expected: string[]]> = {
  'a number in its name': [
    ['rhel-9-slow-1-ok.py:Ok.test', 'rhel-9-slow-2-no.py:No.test'],
    ['rhel-9-slow | 1 | ok.py:Ok.test', 'rhel-9-slow | 2 | no.py:No.test'],
  ],
  'and one test so far': [['rhel-9-slow-01-ok.py'], ['rhel-9-slow | 01 | ok.py']],
  'two suites that differ by a number': [
    ['rhel-8-slow-1-a', 'rhel-9-slow-1-a', 'rhel-9-slow-2-b'],
    ['rhel-8-slow | 1 | a', 'rhel-9-slow | 1 | a', 'rhel-9-slow | 2 | b'],
  ],
  'a number behind another one': [
    ['rhel-9-1-a', 'rhel-9-2-b'],
    ['rhel-9 | 1 | a', 'rhel-9 | 2 | b'],
  ],
  'numbers in the names of tests': [
    ['sanity-1-step-1-of', 'sanity-2-step-1-of', 'sanity-3-3-way'],
    ['sanity | 1 | step-1-of', 'sanity | 2 | step-1-of', 'sanity | 3 | 3-way'],
  ],
  'a test of the same name twice': [
    ['sanity-1-a-1-b', 'sanity-2-a-1-b'],
    ['sanity | 1 | a-1-b', 'sanity | 2 | a-1-b'],
  ],
  'numbers in both': [
    ['el-9-x-1-a-2-b', 'el-9-x-2-a-2-b', 'el-9-x-3-c'],
    ['el-9-x | 1 | a-2-b', 'el-9-x | 2 | a-2-b', 'el-9-x | 3 | c'],
  ],
  'where no number counts, the first end': [['sanity-7-a-5-b'], ['sanity | 7 | a-5-b']],
  'no suite': [
    ['1-3-way', '2-a'],
    [' | 1 | 3-way', ' | 2 | a'],
  ],
}

test.each(Object.keys(kinds))('%s', (kind) => {
  const [tags, expected] = kinds[kind] as (typeof kinds)[string]
  expect(split(tags)).toEqual(expected)
  // Whatever the order in which they are read.
  expect(split(tags.toReversed())).toEqual(expected.toReversed())
})

test('a suite that is known counts before what its tests tell', () => {
  expect(split(['a-1-b-1-c'], ['a-1-b'])).toEqual(['a-1-b | 1 | c'])
})
