// A worker is told by name what to do. A write that it does not know ends it, and with the writer's the server.

import { expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Glob } from 'bun'
import * as operations from '../../src/server/named-operations'
import { collectQueries, collectWrites, defineQuery, defineWrite } from '../../src/storage/named-operations'

const root = join(import.meta.dir, '../../src')
const modules = Object.values(operations)

/** These define operations for others, under names that those give. */
const DEFINING_FOR_OTHERS = [
  'storage/named-operations.ts',
  'http/resource/request-query.ts',
  'results/core/crud-queries.ts',
  'results/environments/shared-rows.ts',
]
const DEFINE = /\b(?:define(?:Write|Query|RequestQuery|CrudQueries)|defineWrites)\b[(<]/

const sources = [...new Glob('**/*.ts').scanSync(root)].map((file) => ({
  file,
  text: readFileSync(join(root, file), 'utf8'),
}))

test('every file that defines an operation is in the list of operations', () => {
  const list = readFileSync(join(root, 'server/named-operations.ts'), 'utf8')
  const listed = [...list.matchAll(/from '\.\.\/(.*)'/g)].map(([, path]) => `${path}.ts`)
  const defining = sources.filter(({ text }) => DEFINE.test(text)).map(({ file }) => file)
  expect(defining.length).toBeGreaterThan(30)
  expect(defining.filter((file) => !DEFINING_FOR_OTHERS.includes(file)).sort()).toEqual(listed.sort())
})

for (const [kind, collected, define] of [
  ['write', collectWrites(modules), /\bdefineWrite\b[^'`]*?\(\s*['`]([^'`]+)['`]/gs],
  ['query', collectQueries(modules), /\bdefine(?:Request)?Query\b[^'`]*?\(\s*['`]([^'`]+)['`]/gs],
] as const) {
  test(`the list has every ${kind} that the sources name`, () => {
    const named = sources.flatMap(({ text }) => [...text.matchAll(define)].map(([, name = '']) => name))
    const known = [...collected.keys()]
    const missing = named.filter((name) => {
      // `add ${name}`, or `page of ${name}`: at least one of them
      const pattern = new RegExp(`^${name.replace(/\$\{\w+\}/g, '.+')}$`)
      return !known.some((one) => pattern.test(one))
    })
    expect(named.length).toBeGreaterThan(10)
    expect(missing).toEqual([])
  })
}

test('operations are found in exports and in the objects that are exported, each once', () => {
  const [read, write] = [defineQuery('read', async () => 1), defineWrite('write', async () => 2)]
  const module = {
    read,
    again: { read },
    rows: { page: { inWorker: read }, add: write },
    other: [write],
    text: 'a',
  }
  expect([...collectQueries([module])]).toEqual([['read', read]])
  expect([...collectWrites([module])]).toEqual([['write', write]])
})

test('no two operations have the same name, not even a query and a write', () => {
  const names = [...collectQueries(modules).keys(), ...collectWrites(modules).keys()]
  expect(names.length).toBeGreaterThan(200)
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([])
})

test('two operations of one name are refused', () => {
  const module = { one: defineWrite('same', async () => 1), other: defineWrite('same', async () => 2) }
  expect(() => collectWrites([module])).toThrow('two operations have the name "same"')
  expect(() => collectQueries([module])).not.toThrow()
})
