// Imports point one way, for types, too, so that a part can be read without those above it. And no circle: a file can be
// understood from the files it imports.

import { expect, test } from 'bun:test'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { Glob } from 'bun'

const root = join(import.meta.dir, '../../src')

/** From below. A part imports from those above it in this list, and from no other. */
const layers = [
  'lib',
  'secrets',
  'storage',
  'http',
  'blobs',
  'audit',
  'auth',
  'results/core',
  'results/statuses',
  'results/labels',
  'results/environments',
  'results/scope',
  'results/tests',
  'results/files',
  'results/data',
  'results/activities',
  'results/jobs',
  'events',
  'ingest',
  'analysis',
  'operations',
  'client',
  'dashboard',
  'server',
  'cli',
  'main.ts',
]

function layerOf(file: string): number {
  return layers.findIndex((layer) => file === layer || file.startsWith(`${layer}/`))
}

/** Every file of src/ with the files of src/ that it imports; for types, too: a reader has to follow those as well. */
const imports = new Map(
  [...new Glob('**/*.{ts,tsx}').scanSync(root)]
    .filter((file) => !file.endsWith('.d.ts'))
    .map((file) => [file, importsOf(file, /^(?:import|export) [^;']*?from '(\.[^']*)'/gms)] as const),
)

function importsOf(file: string, pattern: RegExp): string[] {
  const source = readFileSync(join(root, file), 'utf8')
  return [...source.matchAll(pattern)]
    .map(([, path]) => path as string)
    .map((path) => normalize(join(dirname(file), path)))
    .map((path) =>
      [`${path}.ts`, `${path}.tsx`, `${path}/index.ts`].find((file) => existsSync(join(root, file))),
    )
    .filter((path) => path !== undefined)
}

test('every file belongs to a layer', () => {
  expect([...imports.keys()].filter((file) => layerOf(file) < 0)).toEqual([])
})

test('no file imports from a layer above its own', () => {
  const upward = [...imports].flatMap(([file, paths]) =>
    paths.filter((path) => layerOf(path) > layerOf(file)).map((path) => `${file} imports ${path}`),
  )
  expect(upward).toEqual([])
})

test('no file imports itself by way of others', () => {
  const done = new Set<string>()
  const circles: string[] = []
  const visit = (file: string, path: string[]) => {
    if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(' -> '))
    if (done.has(file) || path.includes(file)) return
    for (const next of imports.get(file) ?? []) visit(next, [...path, file])
    done.add(file)
  }
  for (const file of imports.keys()) visit(file, [])
  expect(circles).toEqual([])
})

test('the page in the browser and the server share types and nothing else', () => {
  const isPage = (file: string) => file.startsWith('dashboard/page/')
  const across = [...imports.keys()].flatMap((file) =>
    importsOf(file, /^(?:import|export) (?!type )[^;']*?from '(\.[^']*)'/gms)
      .filter((path) => isPage(path) !== isPage(file))
      .map((path) => `${file} imports ${path}`),
  )
  expect([...imports.keys()].some(isPage)).toBe(true)
  expect(across).toEqual([])
})
