// The README says what the program says.

import { expect, test } from 'bun:test'
import { createProgram } from '../src/cli/program'
import { settings } from '../src/config'

const readme = await Bun.file(`${import.meta.dir}/../README.md`).text()

test('the README lists every setting as the table in config.ts has it', () => {
  const rows = Object.values(settings).map(
    ({ flag, variable, description, default: value }) =>
      `| \`${flag}\` | \`${variable}\` | ${description} | ${value} |`,
  )
  expect(rows.filter((row) => !readme.includes(row))).toEqual([])
})

test('the README lists every command with its own options', () => {
  const missing = createProgram({}).commands.flatMap((command) => {
    const names = [command.name(), ...command.aliases()].map((name) => `\`${name}`)
    const flags = command.options.map(({ long }) => long ?? '').filter((flag) => flag !== '')
    return [...names, ...flags].filter((name) => !readme.includes(name))
  })
  expect(missing).toEqual([])
})

test('the README names no script that is not there', async () => {
  const { scripts } = await Bun.file(`${import.meta.dir}/../package.json`).json()
  const named = [...readme.matchAll(/bun run ([a-z:]+)/g)].map(([, name]) => name as string)
  expect(named.filter((name) => !(name in scripts))).toEqual([])
})

test('the README names the tools whose files are tested, and no others', async () => {
  const [, table = ''] = /\n\| tool \| file \|.*\n\|[-|]+\n((?:\|.*\n)+)/.exec(readme) ?? []
  const named = [...table.matchAll(/^\| ([^|]+) \|/gm)].map(([, tool]) => tool as string)
  const folder = `${import.meta.dir}/fixtures/cases`
  const tested = new Set<string>()
  for (const file of new Bun.Glob('*.expect.json').scanSync(folder)) {
    const { tool } = await Bun.file(`${folder}/${file}`).json()
    if (tool !== undefined) tested.add(tool)
  }
  expect(named.toSorted()).toEqual([...tested].toSorted())
})

test('the README has no placeholders', () => {
  expect(readme.match(/\b(TODO|TBD|FIXME|BENCH)\b/g)).toBeNull()
})
