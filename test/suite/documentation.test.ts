// The documentation says what the program says.

import { expect, test } from 'bun:test'
import { existsSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { cliPage, settingsPage } from '../../scripts/docs/pages'
import { titlesOf } from '../../src/ingest/formats/registry'

const root = resolve(import.meta.dir, '../..')
const readme = await Bun.file(join(root, 'README.md')).text()

/** What people read first, and the pages that it leads to. */
const pages = ['README.md', 'CONTRIBUTING.md', 'ARCHITECTURE.md', 'SECURITY.md', 'CHANGELOG.md']
  .concat([...new Bun.Glob('docs/*.md').scanSync(root)])
  .toSorted()
const textOf = (page: string) => Bun.file(join(root, page)).text()

test('the README is short', () => {
  expect(readme.split('\n').length).toBeLessThanOrEqual(150)
})

test('docs/settings.md and docs/cli.md are what `bun run docs` makes', async () => {
  expect(await textOf('docs/settings.md')).toBe(settingsPage())
  expect(await textOf('docs/cli.md')).toBe(cliPage())
})

test('every page of docs/ is linked from the README', () => {
  expect(pages.filter((page) => page !== 'README.md' && !readme.includes(`](${page})`))).toEqual([])
})

test('links between the pages lead to files and headings that are there', async () => {
  const broken: string[] = []
  for (const page of pages) {
    for (const [, path = '', heading] of (await textOf(page)).matchAll(
      /\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)/g,
    )) {
      const target = path === '' ? page : join(dirname(page), path)
      if (!existsSync(join(root, target))) broken.push(`${page}: ${path}`)
      else if (heading && !(await anchorsOf(target)).includes(heading))
        broken.push(`${page}: ${path}#${heading}`)
    }
  }
  expect(broken).toEqual([])
})

test('paths of source files in the pages are there', async () => {
  const roots = ['', 'src', 'test']
  const lost: string[] = []
  for (const page of pages) {
    // Names in capitals stand for any: `ingest/formats/NAME.ts`.
    for (const [, path = ''] of (await textOf(page)).matchAll(
      /`((?:[\w.-]+\/)+[\w.-]*\.?(?:ts|tsx|css|lua)?)`/g,
    )) {
      const isSource = /\.(ts|tsx|css|lua)$/.test(path) || /^(src|test|scripts)\//.test(path)
      if (isSource && !/[A-Z]{3}/.test(path) && !roots.some((folder) => existsSync(join(root, folder, path))))
        lost.push(`${page}: ${path}`)
    }
  }
  expect(lost).toEqual([])
})

test('ARCHITECTURE.md names no file that is not there', async () => {
  const files = ['src', 'test', 'scripts'].flatMap((folder) => [
    ...new Bun.Glob('**/*.{ts,tsx}').scanSync(join(root, folder)),
  ])
  const present = new Set(files.map((path) => basename(path)))
  // What is on another branch has its own section.
  const text = (await textOf('ARCHITECTURE.md')).replace(/^## A second engine$.*?^## /ms, '## ')
  const named = [...text.matchAll(/(?<![\w*])[\w-]+\.tsx?\b/g)].map(([name]) => name)
  expect(named.filter((name) => !/[A-Z]{3}/.test(name) && !present.has(name))).toEqual([])
})

test('ARCHITECTURE.md names every folder of the source, down to the second', async () => {
  const text = await textOf('ARCHITECTURE.md')
  const paths = [...new Bun.Glob('src/**/*.{ts,tsx}').scanSync(root)].map((path) =>
    path.split('/').slice(1, -1),
  )
  const folders = new Set(paths.flatMap(([first, second]) => [first ?? [], second ?? []].flat()))
  expect(folders.size).toBeGreaterThan(40)
  expect([...folders].filter((name) => !new RegExp(`\\b${name}/`).test(text))).toEqual([])
})

/** As GitHub makes them of headings. */
async function anchorsOf(page: string): Promise<string[]> {
  return [...(await textOf(page)).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  )
}

test('the pages name no script that is not there', async () => {
  const { scripts } = await Bun.file(join(root, 'package.json')).json()
  const texts = await Promise.all(pages.map(textOf))
  const named = texts.flatMap((text) =>
    [...text.matchAll(/bun run ([a-z:]+)/g)].map(([, name]) => name as string),
  )
  expect(named.filter((name) => !(name in scripts))).toEqual([])
})

test('the README and docs/importing.md name the tools whose files are tested, and no others', async () => {
  const importing = await textOf('docs/importing.md')
  const [, table = ''] = /\n\| tool \| file \|.*\n\|[-|]+\n((?:\|.*\n)+)/.exec(importing) ?? []
  const named = [...table.matchAll(/^\| ([^|]+) \|/gm)].map(([, tool]) => tool as string)
  const [, brief = ''] = /\n\| Format \| Written by \|\n\|[-|]+\n((?:\|.*\n)+)/.exec(readme) ?? []
  const briefly = [...brief.matchAll(/\| ([^|]+) \|$/gm)].flatMap(([, tools = '']) => tools.split('; '))
  const folder = `${import.meta.dir}/../fixtures/cases`
  const tested = new Set<string>()
  for (const file of new Bun.Glob('*.expect.json').scanSync(folder)) {
    const { tool } = await Bun.file(`${folder}/${file}`).json()
    if (tool !== undefined) tested.add(tool)
  }
  expect(named.toSorted()).toEqual([...tested].toSorted())
  expect(briefly.toSorted()).toEqual([...tested].toSorted())
})

test('docs/importing.md names every format of POST /imports/', async () => {
  const importing = await textOf('docs/importing.md')
  const [, taken = ''] = /\n`POST \/imports\/` takes (.*?)\n\n/s.exec(importing) ?? []
  const titles = [...titlesOf('archive'), ...titlesOf('file')]
  expect(
    titles.filter((title) => !new RegExp(`(?<![\\w.])${RegExp.escape(title)}(?![\\w.])`).test(taken)),
  ).toEqual([])
})

test('the pages have no placeholders', async () => {
  const found = await Promise.all(
    pages.map(async (page) => (await textOf(page)).match(/\b(TODO|TBD|FIXME|BENCH)\b/g)),
  )
  expect(found.filter((words) => words !== null)).toEqual([])
})
