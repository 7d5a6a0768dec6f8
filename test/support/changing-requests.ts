// What a server says of itself: which requests may change something.

import type { Client } from './client'

/** Lists that are fixed refuse everybody. */
const isFixed = (path: string) => /^\/(version|(job|test)statuses)\//.test(path)

/** @returns of each method and path of the OpenAPI document: `PATCH /jobs/{job}/` */
export async function changingRequests(client: Client): Promise<string[]> {
  const { paths } = (await client.get('/swagger/json')).body
  return Object.entries(paths as Record<string, object>)
    .filter(([path]) => !isFixed(path))
    .flatMap(([path, operations]) => Object.keys(operations).map((name) => `${name.toUpperCase()} ${path}`))
    .filter((request) => !request.startsWith('GET '))
}
