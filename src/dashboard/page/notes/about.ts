// What claims and comments are about, as the API names it, and what one click does.

import { type Cause, type Claim, send } from '../api'

export type About = NonNullable<Cause['about']>

/** The comments, or the claims, on something. */
export function listPath(list: 'comments' | 'claims', about: About, pageSize: number): string {
  const query = new URLSearchParams(Object.entries(about).map(([name, value]) => [name, String(value)]))
  return `/${list}/?${query}&page_size=${pageSize}`
}

/** @throws ApiError */
export function claim(about: About, state: Claim['state'] = 'looking'): Promise<Claim> {
  return send<Claim>('POST', '/claims/', { ...about, state })
}

/** @throws ApiError */
export function release({ id }: Pick<Claim, 'id'>): Promise<void> {
  return send('DELETE', `/claims/${id}/`)
}
