// Nightly jobs for tests of the analysis: a letter a night.

import { formatTime } from '../../../src/lib/time'
import { NOW, type TestServer } from '../../support/server'

export const DAY = 24 * 3600 * 1_000_000

interface Night {
  /** Of the test, with its number. */
  tag?: string
  reason?: string
  branch?: string
  /** The id of an environment for each night. */
  environments?: number[]
}

const statuses: Record<string, string> = { P: 'PASS', F: 'FAIL', E: 'ERROR', W: 'WARN', S: 'SKIP' }

/**
 * Posts a job a night on `host`, the last one last night: P passes, F fails, E is an error, S is skipped, `-` is no job.
 *
 * @returns the ids of the jobs, `HOST-NIGHT`, the oldest first.
 */
export async function nightly(
  server: TestServer,
  host: string,
  results: string,
  { tag = '1-x', reason = 'broken', branch = 'main', environments = [] }: Night = {},
): Promise<string[]> {
  const ids: string[] = []
  for (const [night, letter] of [...results].entries()) {
    const status = statuses[letter]
    if (!status) continue
    const id = `${host}-${night}`
    const time = formatTime(NOW - (results.length - night) * DAY)
    const environment = environments[night]
    const test = {
      tag,
      status,
      ...('FE'.includes(letter) && { fail_reason: reason }),
      ...(environment !== undefined && { environment }),
    }
    await server.makeJob({ id, time, labels: { host, branch }, tests: [test] })
    ids.push(id)
  }
  return ids
}

/** An environment of these packages, as `name=version`. @returns its id */
export async function environmentOf(
  server: TestServer,
  version: string,
  packages: string[],
): Promise<number> {
  const components = packages.map((text) => {
    const [name, version] = text.split('=')
    return { name, version, release: '1', checksum: '', kind: 'rpm', arch: 'x86_64' }
  })
  const distro = { name: 'fedora', version, release: '1', arch: 'x86_64' }
  const { status, headers, body } = await server.client.post('/testenvironments/', {
    distro,
    installed_software_components: components,
  })
  if (status !== 201) throw new Error(JSON.stringify(body))
  return Number(/(\d+)\/$/.exec(headers.get('location') ?? '')?.[1])
}
