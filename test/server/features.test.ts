// Features are found in one list, so that each one is there with all that it brings.

import { expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Glob } from 'bun'
import { features } from '../../src/server/features'

const root = join(import.meta.dir, '../../src')

test('the definition of every feature is in the list', () => {
  const list = readFileSync(join(root, 'server/features.ts'), 'utf8')
  const imported = [...list.matchAll(/from '\.\.\/(.*\/feature)'/g)].map(([, path]) => `${path}.ts`)
  const defined = [...new Glob('*/**/feature.ts').scanSync(root)].filter((file) => file !== 'http/feature.ts')
  expect(imported.filter((file) => file !== 'http/feature.ts').sort()).toEqual(defined.sort())
  const names = [...list.matchAll(/^import \{ (\w+) \} from '.*\/feature'/gm)].map(([, name]) => name)
  const inWords = names.map((name = '') => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`))
  expect(features.map(({ name }) => name)).toEqual(expect.arrayContaining(inWords))
})

test('no two features, and no two tasks, have the same name', () => {
  const names = features.map(({ name }) => name)
  expect(names).toEqual([...new Set(names)])
  const tasks = features.flatMap(({ tasks = [] }) => tasks.map(({ name }) => name))
  expect(tasks).toEqual([...new Set(tasks)])
})

test('every task runs at the start or at an interval', () => {
  const tasks = features.flatMap(({ tasks = [] }) => tasks)
  expect(tasks.length).toBeGreaterThan(3)
  expect(tasks.filter(({ atStart, everyMs }) => !atStart && everyMs === undefined)).toEqual([])
})
