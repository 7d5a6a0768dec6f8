// Finds the values of an answer that are links: URLs of this server, and fields with the id of an item.

import { addressOf, pathOf } from './address'
import { type ApiDocument, hasItems, isFile, templateOf } from './openapi'

/**
 * Finds the address that a value links to.
 *
 * @param pointer  the position of the value in the answer: `/results/0/id`.
 * @param parent  the object that has the value.
 */
export type FindLink = (pointer: string, value: unknown, parent: unknown) => string | undefined

/** Finds links in the answer of an address. Until the OpenAPI document is loaded, only URLs are links. */
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

/** Whether a value is a test. In a list of jobs, only the test itself says which job it belongs to. */
function isTest(value: unknown): value is { job: string; tag: string } {
  return (
    typeof value === 'object' &&
    value !== null &&
    'tag' in value &&
    'job' in value &&
    typeof value.job === 'string'
  )
}
