// The jobs of test/fixtures/jobs, written by Avocado itself, and every road that they take to the compiled binary.

import { afterAll, beforeAll, expect } from 'bun:test'
import { readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { Glob } from 'bun'
import { zip } from '../ingest/archives'
import { binary, Folder, type Serving } from './binary'
import { Client } from './client'

const samples = join(import.meta.dir, '../fixtures/jobs')
export const sampleNames = readdirSync(samples)

export function sampleFolder(name: string): string {
  const [job = ''] = readdirSync(join(samples, name))
  return join(samples, name, job)
}

export interface SampleServer {
  folder: Folder
  server: Serving
  client: Client
  /** Makes an archive of a sample and posts it. */
  postArchive(command: string, name: string): ReturnType<Client['request']>
  /** Each sends a sample. */
  roads: Record<string, (name: string) => Promise<unknown>>
  readJob(id: string): Promise<Record<string, unknown>>
}

/** One server for the file; what is returned is filled in before its first test. */
export function withSampleServer(): SampleServer {
  const sample = {} as SampleServer
  beforeAll(async () => {
    const folder = new Folder()
    symlinkSync(binary(), join(folder.path, 'avocado-server'))
    const server = await folder.serve(['--open', '--time-zone', 'UTC'])
    const client = new Client(server.origin)
    const postArchive = (command: string, name: string) => postArchiveOf(sample, command, name)
    const readJob = (id: string) => readJobFrom(client, id)
    Object.assign(sample, { folder, server, client, postArchive, readJob })
    sample.roads = roadsTo(sample)
  })
  afterAll(async () => {
    await sample.server.stop()
    sample.folder[Symbol.dispose]()
  })
  return sample
}

async function postArchiveOf({ folder, client }: SampleServer, command: string, name: string) {
  const made = await folder.shell(`cd '${sampleFolder(name)}' && ${command} > '${folder.path}/archive'`)
  expect(made.code).toBe(0)
  return post(client, readFileSync(join(folder.path, 'archive')))
}

async function post(client: Client, body: Uint8Array | string) {
  const reply = await client.request('POST', '/imports/', { body })
  if (reply.status >= 400) throw new Error(JSON.stringify(reply.body))
  return reply
}

function roadsTo({ folder, server, client, postArchive }: SampleServer): SampleServer['roads'] {
  return {
    async upload(name) {
      const { code, stderr } = await folder.run(['upload', sampleFolder(name), server.origin])
      expect({ code, stderr }).toEqual({ code: 0, stderr: expect.any(String) })
    },
    tar: (name) => postArchive('tar -cf - .', name),
    'tar.gz': (name) => postArchive('tar -czf - .', name),
    zip: async (name) => {
      const files = [...new Glob('**').scanSync({ cwd: sampleFolder(name), dot: true })]
      return post(
        client,
        zip(files.map((path) => ({ name: path, content: readFileSync(join(sampleFolder(name), path)) }))),
      )
    },
    'results.json': (name) => post(client, readFileSync(join(sampleFolder(name), 'results.json'))),
    journal: (name) => post(client, readFileSync(join(sampleFolder(name), '.journal.sqlite'))),
  }
}

/** All that the server tells of a job, but for what counts jobs and tests of the whole server, and where `upload` ran. */
async function readJobFrom(client: Client, id: string) {
  const { body: job } = await client.get(`/jobs/${id}/?omit=tests`)
  const tests: Record<string, unknown> = {}
  // Each as its own page shows it, in one list: there are hundreds.
  for (const whole of await client.all(`/jobs/${id}/tests/?include=details`)) {
    const { id: test, environment, ...rest } = whole
    const path = `/jobs/${id}/tests/${test}`
    const [activities, files] = await Promise.all([
      client.all(`${path}/activities/`),
      client.all(`${path}/files/`),
    ])
    tests[whole.tag] = {
      ...rest,
      hasEnvironment: environment !== null,
      activities: activities.map(({ test: _, ...row }: { test: number }) => row),
      files: files.map(({ path, size }: { path: string; size: number }) => [path, size]),
    }
  }
  const { number: _, labels: _host, description, ...rest } = job
  return { ...rest, description: description.replace(/ on \S+$/, ''), tests }
}
