// Sends a lab to a server, as machines would: environments, then the jobs in the order of their arrival.

import type { Client } from '../client'
import type { Lab, LabEnvironment } from './model'

export async function loadLab(
  client: Client,
  { environments, jobs }: Pick<Lab, 'environments' | 'jobs'>,
): Promise<void> {
  const ids = await loadEnvironments(client, environments)
  for (const { environment, tests, ...job } of jobs) {
    const named = environment === undefined ? {} : { environment: ids[environment] }
    const reply = await client.post('/jobs/', {
      ...job,
      ...named,
      tests: tests.map((test) => ({ ...test, ...named })),
    })
    if (reply.status !== 201) throw new Error(`POST /jobs/: ${reply.status} ${JSON.stringify(reply.body)}`)
  }
}

/** @returns their ids, in their order. */
export async function loadEnvironments(
  client: Client,
  environments: readonly LabEnvironment[],
): Promise<number[]> {
  const ids: number[] = []
  for (const environment of environments) ids.push(await postEnvironment(client, environment))
  return ids
}

async function postEnvironment(client: Client, environment: LabEnvironment): Promise<number> {
  const { status, headers, body } = await client.post('/testenvironments/', environment)
  if (status !== 201) throw new Error(`POST /testenvironments/: ${status} ${JSON.stringify(body)}`)
  return Number(new URL(headers.get('location') ?? '').pathname.split('/').at(-2))
}
