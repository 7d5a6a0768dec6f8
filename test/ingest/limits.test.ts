// What an import may have at most, each with its setting.

import { expect, test } from 'bun:test'
import { ownQuery } from '../support/own-query'

import { withServer } from '../support/server'
import { tar } from './archives'

const server = withServer({ maxImportBytes: 20_000, maxFileBytes: 2000, maxEntries: 3, maxBodyBytes: 500 })

const results = JSON.stringify({ job_id: 'a', tests: [], total: 0 })
const send = async (body: string | Uint8Array) => {
  const { status, body: reply } = await server.client.request('POST', '/imports/', { body: body as string })
  return { status, body: reply }
}
const nothingIsStored = async () => {
  expect((await server.stranger.get('/jobs/')).body.count).toBe(0)
  expect(
    await server.database.read(ownQuery(async ({ database }) => database.query('SELECT * FROM file').all())),
  ).toEqual([])
}

test('a body over --max-import is 413', async () => {
  const body = tar([
    { name: 'results.json', content: results },
    { name: 'a', content: 'a'.repeat(30_000) },
  ])
  expect(await send(body)).toEqual({
    status: 413,
    body: { detail: 'The request body is larger than 20000 bytes (--max-import).' },
  })
  await nothingIsStored()
})

test('a file over --max-file is left out by name', async () => {
  const body = tar([
    { name: 'job.log', content: 'a'.repeat(3000) },
    { name: 'results.json', content: results },
  ])
  expect(await send(body)).toMatchObject({
    status: 201,
    body: {
      jobs: [
        {
          id: 'a',
          files: { added: 1 },
          warnings: ['"job.log" was left out: it is larger than 2000 bytes (--max-file).'],
        },
      ],
    },
  })
})

test('of more files than --max-entries the rest is left out, but for what tells of the tests', async () => {
  const files = ['a', 'b', 'c', 'd'].map((name) => ({ name, content: name }))
  expect(await send(tar([...files, { name: 'results.json', content: results }]))).toMatchObject({
    status: 201,
    body: {
      jobs: [
        {
          id: 'a',
          files: { added: 4 },
          warnings: ['The archive has more than 3 entries (--max-entries): 1 files and links were left out.'],
        },
      ],
    },
  })
})

test('a line over --max-body is refused, the others are stored', async () => {
  const long = JSON.stringify({ id: 'long', description: 'a'.repeat(600) })
  expect(await send(`{"id": "one"}\n${long}\n{"id": "two"}`)).toMatchObject({
    status: 201,
    body: {
      jobs: [{ id: 'one' }, { id: 'two' }],
      refused: [{ line: 2, detail: 'The line is longer than 500 bytes (--max-body).' }],
    },
  })
})
