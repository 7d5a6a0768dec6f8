// Which values of an answer lead on: URLs of this server, and fields that name a thing.

import { addressOf, pathOf } from './address'
import { type ApiDocument, hasItems, isFile, templateOf } from './openapi'

/**
 * The address that a value leads to.
 *
 * @param pointer  where in the answer it is: `/results/0/id`.
 * @param parent  the object that it is a field of.
 */
export type FindLink = (pointer: string, value: unknown, parent: unknown) => string | undefined

/** For the answer of an address. Without the document, which comes a moment later, only URLs lead on. */
export function linksOf(document: ApiDocument | undefined, address: string, host: string): FindLink {
  const findUrl: FindLink = (_, value) => (typeof value === 'string' ? addressOf(value, host) : undefined)
  const template = document && templateOf(document, address)
  if (!document || !template || isFile(template)) return findUrl
  const path = pathOf(address)
  const list = hasItems(document, template) ? path.replace(/\/?$/, '/') : undefined
  const job = /^\/jobs\/[^/]+/.exec(path)?.[0]
  return (pointer, value, parent) => {
    if (typeof value !== 'string' && typeof value !== 'number') return undefined
    const name = encodeURIComponent(value)
    const field = pointer.slice(pointer.lastIndexOf('/') + 1)
    if (field === 'job') return `/jobs/${name}/`
    if (field === 'environment') return `/testenvironments/${name}/`
    if (field === 'test' && job) return `${job}/tests/${name}/`
    if (field === 'id' && isTest(parent)) {
      return `/jobs/${encodeURIComponent(parent.job)}/tests/${name}/`
    }
    if (list && /^\/results\/\d+\/id$/.test(pointer)) return `${list}${name}/`
    return findUrl(pointer, value, parent)
  }
}

/** In lists of jobs, too, where only the test itself says which job it belongs to. */
function isTest(value: unknown): value is { job: string; tag: string } {
  return (
    typeof value === 'object' &&
    value !== null &&
    'tag' in value &&
    'job' in value &&
    typeof value.job === 'string'
  )
}
